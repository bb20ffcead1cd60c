import { expect, it } from 'vitest';
import { barsOf, barsPath } from './peaks.ts';

it('bars take the farthest reach of their span, and the loudest is 1', () => {
  expect(barsOf([-10, 10, -20, 20, 0, 0, -40, 40], 2)).toEqual([0.5, 1]);
});

it('silence keeps a trace, so that the line does not break', () => {
  expect(barsOf([0, 0, 0, 0], 2)).toEqual([0.04, 0.04]);
});

it('a short episode has no more bars than peaks', () => {
  expect(barsOf([-1, 1, -2, 2], 100)).toHaveLength(2);
  expect(barsOf([], 100)).toEqual([]);
});

it('the played and the coming part of the wave stand side by side', () => {
  expect(barsPath([1, 0.5], 0, 1)).toBe('M0.5 0.000v1.000');
  expect(barsPath([1, 0.5], 1)).toBe('M1.5 0.250v0.500');
});
