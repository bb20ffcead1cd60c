import type { Clock } from './clock.ts';

export type BucketRule = { burst: number; perMinute: number };

const prunedAbove = 10_000;

/**
 * Token buckets by key: `burst` at once, then `perMinute`. Kept as the one instant at which a key's bucket is full
 * again (the generic cell rate algorithm, ITU-T I.371); a full bucket is forgotten: it says nothing.
 */
export const tokenBuckets = ({ burst, perMinute }: BucketRule, clock: Clock) => {
  const fullAt = new Map<string, number>();
  const intervalMs = 60_000 / perMinute;
  let pruneAt = prunedAbove;

  const forgetFull = (now: number): void => {
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key);
    // Not again before as many have come as are left: in a flood hardly any bucket is full, and each look is long.
    pruneAt = Math.max(prunedAbove, 2 * fullAt.size);
  };

  return {
    /** 0 when a token was there and is taken; otherwise the milliseconds until there is one. */
    take: (key: string): number => {
      const now = clock.now().getTime();
      const full = Math.max(now, fullAt.get(key) ?? now);
      const waitMs = full - now - (burst - 1) * intervalMs;
      if (waitMs > 0) return Math.ceil(waitMs);
      if (fullAt.size >= pruneAt) forgetFull(now);
      fullAt.set(key, full + intervalMs);
      return 0;
    },
  };
};
export type TokenBuckets = ReturnType<typeof tokenBuckets>;
