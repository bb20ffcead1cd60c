/** The disk that a folder lies on: how much is free, and how fast that gets less, whoever writes there. */
import type { CaptureClock } from './clock.ts';
import type { Readings } from './rate.ts';
import { ratePerSecond, stepReadings } from './rate.ts';
import { freeBytesAt } from './watchdog.ts';

export type DiskGauge = {
  /** For an ordinary user, in bytes. A folder that is gone, or a disk that does not answer, has no space. */
  freeBytes: () => Promise<number>;
  /** Bytes per second over the readings of the last minute. */
  fillsPerSecond: () => number;
};

export const diskGauge = (dir: string, clock: Pick<CaptureClock, 'monotonicMs'>): DiskGauge => {
  let used: Readings = [];
  return {
    freeBytes: async () => {
      const free = await freeBytesAt(dir).catch(() => undefined);
      if (free !== undefined) used = stepReadings(used, -free, clock.monotonicMs());
      return free ?? 0;
    },
    fillsPerSecond: () => ratePerSecond(used),
  };
};
