import { expect, it } from 'vitest';
import { RENDER_STEPS } from '../../server/recording/recording.schema.ts';
import type { MasterView, RecordingView, TakeView } from '../../server/recording/recording.schema.ts';
import { isSettled, stepOf, STEPS } from './progress.ts';

const whole = { state: 'ready' } as MasterView;
const settled: Pick<RecordingView, 'state' | 'takes' | 'master' | 'masters' | 'replay'> = {
  state: 'closed',
  takes: [{ state: 'closed' } as TakeView],
  master: whole,
  masters: [],
  replay: { state: 'master', url: '', durationMs: 0, gainDb: 0, takes: [] },
};

it('shows every step of the render, in its order', () => {
  expect([...STEPS, 'ready']).toEqual(RENDER_STEPS);
});

it('a version that waits or is done is at no step', () => {
  expect(stepOf({ state: 'rendering', step: 'mix' })).toBe(2);
  expect(stepOf({ state: 'queued', step: 'mix' })).toBeNull();
  expect(stepOf({ state: 'ready', step: 'ready' })).toBeNull();
});

it('a closed recording without takes has nothing to wait for', () => {
  expect(isSettled({ ...settled, takes: [], master: null })).toBe(true);
});

it('a cut that is being made, or a replay that is being built, is waited for', () => {
  expect(isSettled(settled)).toBe(true);
  expect(isSettled({ ...settled, masters: [{ ...whole, state: 'queued' }] })).toBe(false);
  expect(isSettled({ ...settled, replay: { ...settled.replay, state: 'building' } })).toBe(false);
});
