import { DARK_LIGHT } from '../../server/stage/stage.schema.ts';
import { expect, it } from 'vitest';
import type { ServerFrame, StageChange, StageView, You } from '../../server/stage/stage.schema.ts';
import { StageState } from './stage-state.svelte.ts';

const view: StageView = {
  roomSlug: 'harbour',
  title: 'What the harbour remembers',
  topic: '',
  liveSessionId: 'evening',
  startedAt: '2026-11-22T20:00:00.000Z',
  recordingArmed: true,
  seats: [],
  hands: [],
  listeners: { atLeast: 0 },
  booksBalance: null,
  recording: DARK_LIGHT,
};
const you: You = { role: 'anonymous', seatId: null, hand: null, consentNeeded: false, answer: null };

const snapshot = (epoch: string, seq: number): ServerFrame => ({ type: 'snapshot', epoch, seq, view, you });
const delta = (epoch: string, seq: number, ...changes: StageChange[]): ServerFrame => ({
  type: 'delta',
  epoch,
  seq,
  changes,
});
const heard = (atLeast: number): StageChange => ({ kind: 'listeners', listeners: { atLeast } });

const started = (): StageState => {
  const stage = new StageState();
  stage.apply(snapshot('a', 4));
  return stage;
};

it('deltas in sequence change the view', () => {
  const stage = started();
  expect(stage.apply(delta('a', 5, heard(10)))).toBe('go on');
  expect(stage.apply(delta('a', 6, heard(20)))).toBe('go on');
  expect(stage.view?.listeners).toEqual({ atLeast: 20 });
  expect(stage.position).toEqual({ epoch: 'a', seq: 6 });
});

it('a hole in the sequence asks for a resume and changes nothing', () => {
  const stage = started();
  expect(stage.apply(delta('a', 6, heard(10)))).toBe('resume');
  expect(stage.view?.listeners).toEqual({ atLeast: 0 });
  expect(stage.position).toEqual({ epoch: 'a', seq: 4 });
});

it('a delta that was seen already is passed over', () => {
  const stage = started();
  stage.apply(delta('a', 5, heard(10)));
  expect(stage.apply(delta('a', 5, heard(30)))).toBe('go on');
  expect(stage.view?.listeners).toEqual({ atLeast: 10 });
});

it('after a restart of the server only a snapshot is believed', () => {
  const stage = started();
  expect(stage.apply(delta('b', 5, heard(10)))).toBe('resume');
  expect(stage.apply(snapshot('b', 0))).toBe('go on');
  expect(stage.apply(delta('b', 1, heard(50)))).toBe('go on');
  expect(stage.view?.listeners).toEqual({ atLeast: 50 });
});

it('an invitation that comes as a notice is shown on one’s own hand', () => {
  const stage = started();
  const hand = {
    handId: 'h',
    name: 'Amber Finch',
    anonymous: true,
    state: 'invited',
    raisedAt: '2026-11-22T20:10:00.000Z',
  } as const;
  stage.apply({ type: 'notice', notice: { kind: 'hand', hand } });
  expect(stage.you?.hand?.state).toBe('invited');
});

it('a removal ends the stream and is remembered as one', () => {
  const stage = started();
  expect(stage.apply({ type: 'notice', notice: { kind: 'removed' } })).toBe('end');
  expect(stage.removed).toBe(true);
});

it('the end of the live session ends the stream', () => {
  const stage = started();
  expect(stage.apply({ type: 'ended', reason: 'host' })).toBe('end');
  expect(stage.ended).toBe('host');
});
