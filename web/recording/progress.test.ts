import { expect, it } from 'vitest';
import { RENDER_STEPS } from '../../server/recording/recording.schema.ts';
import { isSettled, STEPS, stepStates } from './progress.ts';

it('shows every step of the render, in its order', () => {
  expect([...STEPS, 'ready']).toEqual(RENDER_STEPS);
});

it('steps before the current one are done, those after it still to do', () => {
  const states = stepStates({ state: 'rendering', step: 'mix' }).map(({ state }) => state);
  expect(states).toEqual(['done', 'done', 'now', 'todo', 'todo', 'todo', 'todo']);
});

it('a finished recording has every step done', () => {
  expect(stepStates({ state: 'ready', step: null }).every(({ state }) => state === 'done')).toBe(true);
});

it('a closed recording without takes has nothing to wait for', () => {
  expect(isSettled({ state: 'closed', takes: [], master: null })).toBe(true);
});
