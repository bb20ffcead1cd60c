import { expect, it } from 'vitest';
import { brightness } from './levels.ts';

it('light rises at once with the voice and sinks softly after it', () => {
  expect(brightness(0.25, 0)).toBe(0.75);
  expect(brightness(0, 1)).toBeCloseTo(0.7);
});

it('light stays between 0 and 1 whatever the level', () => {
  for (const level of [-1, 0, 0.5, 1, 7]) {
    expect(brightness(level, 0.5)).toBeGreaterThanOrEqual(0);
    expect(brightness(level, 0.5)).toBeLessThanOrEqual(1);
  }
});
