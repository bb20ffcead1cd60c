import { expect, it } from 'vitest';
import type { SeatView } from '../../server/stage/stage.schema.ts';
import { arcadeFor, placeSeats } from './stage-view.ts';

const seat = (seatId: string): SeatView => ({
  seatId,
  identity: `s_${seatId}`,
  name: seatId,
  role: 'speaker',
  state: 'joined',
  muted: false,
  mutedByModerator: false,
  recorded: null,
});

it('everybody keeps their niche when somebody before them goes', () => {
  expect(placeSeats(['ada', 'bo', 'cleo'], [seat('ada'), seat('cleo')])).toEqual(['ada', null, 'cleo']);
});

it('a new seat takes the first empty niche, whatever the order in which the server lists the seats', () => {
  expect(placeSeats(['ada', null, 'cleo'], [seat('dora'), seat('cleo'), seat('ada')])).toEqual(['ada', 'dora', 'cleo']);
});

it('empty niches at the end are taken away, so that the arcade shrinks with the company', () => {
  expect(placeSeats(['ada', 'bo', 'cleo'], [seat('ada')])).toEqual(['ada']);
});

it('an arcade has whole rows from an empty stage to a crowded one', () => {
  const sizes = [0, 1, 2, 4, 7, 13, 24].map((places) => arcadeFor(places).niches);
  expect(sizes).toEqual([3, 1, 3, 6, 12, 20, 30]);
});
