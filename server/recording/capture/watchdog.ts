/** What ends a capture that nobody ends: its time, the disk, its memory, or that nobody wants it any more. */
import { statfs } from 'node:fs/promises';
import type { Limits } from './control.schema.ts';

/** Free space for an ordinary user on the disk of this folder, in bytes. */
export const freeBytesAt = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
};

/** What is looked at each second. `ageMs`: since the first take began; `unwantedMs`: how long there has been neither take nor controller. */
export type Vitals = { ageMs: number; freeBytes: number; rssBytes: number; unwantedMs: number };

export type Verdict = 'limitReached' | 'diskLow' | 'memoryHigh' | 'unwanted';

/** The reason to end, the most urgent first; undefined while all is well. */
export const judge = (vitals: Vitals, limits: Limits): Verdict | undefined => {
  if (vitals.freeBytes < limits.stopFreeBytes) return 'diskLow';
  if (vitals.ageMs > limits.maxDurationMs) return 'limitReached';
  if (vitals.rssBytes > limits.maxRssBytes) return 'memoryHigh';
  if (vitals.unwantedMs > limits.idleMs) return 'unwanted';
  return undefined;
};

/** What the file of one more speaker needs: 250 MB an hour, the most that FLAC of speech was measured at. */
const BYTES_PER_SPEAKER_SECOND = 70_000;

/** A disk as a take would find it: how fast it fills without that take, and how many would be captured. */
export type DiskOutlook = { freeBytes: number; fillsPerSecond: number; speakers: number };

/** Why a take had better not be started; undefined when there is room for it. One that runs already has its own limit. */
export const diskRefusal = (disk: DiskOutlook, limits: Limits): string | undefined => {
  if (disk.freeBytes < limits.startFreeBytes) return `Less than ${limits.startFreeBytes >> 20} MiB are free.`;
  const needed = disk.fillsPerSecond + Math.max(1, disk.speakers) * BYTES_PER_SPEAKER_SECOND;
  const seconds = (disk.freeBytes - limits.stopFreeBytes) / needed;
  if (seconds * 1000 >= limits.startRemainingMs) return undefined;
  return `At the rate at which this disk fills there is room for ${Math.max(0, Math.floor(seconds / 60))} minutes.`;
};
