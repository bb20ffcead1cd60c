import { expect, it } from 'vitest';
import { tokenBuckets } from './token-bucket.ts';

it('a burst passes at once, then one per refill, and each key has a bucket of its own', () => {
  let now = 0;
  const buckets = tokenBuckets({ burst: 3, perMinute: 60 }, { now: () => new Date(now) });
  expect([1, 2, 3].map(() => buckets.take('a'))).toEqual([0, 0, 0]);
  expect(buckets.take('a')).toBe(1000);
  expect(buckets.take('b')).toBe(0);
  now = 999;
  expect(buckets.take('a')).toBe(1);
  now = 1000;
  expect(buckets.take('a')).toBe(0);
  expect(buckets.take('a')).toBe(1000);
  now = 3_600_000;
  expect([1, 2, 3, 4].map(() => buckets.take('a') > 0)).toEqual([false, false, false, true]);
});

it('a flood from more addresses than anybody counts costs the same for each of them', () => {
  const buckets = tokenBuckets({ burst: 60, perMinute: 30 }, { now: () => new Date(0) });
  const startedAt = performance.now();
  for (let address = 0; address < 60_000; address += 1) buckets.take(String(address));
  // A look at every known key for each new one would be two thousand million looks.
  expect(performance.now() - startedAt).toBeLessThan(1500);
});
