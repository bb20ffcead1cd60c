/** What ends a capture that nobody ends: its time, the disk, its memory, or that nobody wants it any more. */
import { statfs } from 'node:fs/promises';
import type { Limits } from './control.schema.ts';

/** What is looked at each second. `unwantedMs`: how long there has been neither take nor controller. */
export type Vitals = { ageMs: number; freeBytes: number; rssBytes: number; unwantedMs: number };

/** Free space for an ordinary user on the disk of this folder, in bytes. */
export const freeBytesAt = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
};

export type Verdict = 'limitReached' | 'diskLow' | 'memoryHigh' | 'unwanted';

/** The reason to end, the most urgent first; undefined while all is well. */
export const judge = (vitals: Vitals, limits: Limits): Verdict | undefined => {
  if (vitals.freeBytes < limits.stopFreeBytes) return 'diskLow';
  if (vitals.ageMs > limits.maxDurationMs) return 'limitReached';
  if (vitals.rssBytes > limits.maxRssBytes) return 'memoryHigh';
  if (vitals.unwantedMs > limits.idleMs) return 'unwanted';
  return undefined;
};
