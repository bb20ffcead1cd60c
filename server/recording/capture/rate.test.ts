import { describe, expect, it } from 'vitest';
import type { Readings } from './rate.ts';
import { ratePerSecond, stepReadings } from './rate.ts';

const readings = (values: number[], everyMs = 1_000): Readings =>
  values.reduce<Readings>((all, value, i) => stepReadings(all, value, i * everyMs), []);

describe('how fast a number grows', () => {
  it('is what it grew by in a second, over the last minute alone', () => {
    expect(ratePerSecond(readings([0, 100, 200]))).toBe(100);
    const fastThenSlow = Array.from({ length: 120 }, (_, second) => (second < 60 ? second * 1_000 : 59_000 + second));
    expect(ratePerSecond(readings(fastThenSlow))).toBeLessThan(20);
  });

  it('is nothing before a second has passed, and when the number falls', () => {
    expect(ratePerSecond(readings([0, 100], 500))).toBe(0);
    expect(ratePerSecond(readings([200, 100, 50]))).toBe(0);
  });
});
