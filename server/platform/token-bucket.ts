import type { Clock } from './clock.ts';

export type BucketRule = { burst: number; perMinute: number };

const prunedAbove = 10_000;

/** Token buckets by key: `burst` at once, then `perMinute`. A full bucket is forgotten: it says nothing. */
export const tokenBuckets = ({ burst, perMinute }: BucketRule, clock: Clock) => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const perMs = perMinute / 60_000;

  const level = (key: string, now: number): number => {
    const bucket = buckets.get(key);
    return bucket ? Math.min(burst, bucket.tokens + (now - bucket.at) * perMs) : burst;
  };
  const prune = (now: number): void => {
    for (const key of buckets.keys()) if (level(key, now) >= burst) buckets.delete(key);
  };

  return {
    /** 0 when a token was there and is taken; otherwise the milliseconds until there is one. */
    take: (key: string): number => {
      const now = clock.now().getTime();
      const tokens = level(key, now);
      if (tokens < 1) return Math.ceil((1 - tokens) / perMs);
      if (buckets.size >= prunedAbove) prune(now);
      buckets.set(key, { tokens: tokens - 1, at: now });
      return 0;
    },
  };
};
export type TokenBuckets = ReturnType<typeof tokenBuckets>;
