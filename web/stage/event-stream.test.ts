import { expect, it } from 'vitest';
import { CLOSE } from '../../server/stage/stage.schema.ts';
import { END_CODES } from './event-stream.ts';

it('knows the ends of a visit by the close codes of the server', () => {
  expect(END_CODES).toEqual({
    [CLOSE.ended]: 'ended',
    [CLOSE.removed]: 'removed',
    [CLOSE.takenOver]: 'taken over',
  });
});
