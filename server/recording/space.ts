/** How much longer an open recording can go on: free bytes, and minutes at the rate at which its files grow. */
import type { CaptureStatus } from './capture/control.schema.ts';
import { DEFAULT_LIMITS } from './capture/control.schema.ts';
import { freeBytesAt } from './capture/watchdog.ts';
import type { RecordingView } from './recording.schema.ts';

/** Pure. The capture stops cleanly before the disk is full; no rate is known before anything was captured. */
export const minutesLeft = (freeBytes: number, bytesPerSecond: number): number | null =>
  bytesPerSecond > 0 ? Math.max(0, Math.floor((freeBytes - DEFAULT_LIMITS.stopFreeBytes) / bytesPerSecond / 60)) : null;

/** What the capture said last, or the disk itself where none runs; null when neither can be asked. */
export const spaceFor =
  (recordingsDir: string, statusOf: (recordingId: string) => CaptureStatus | undefined) =>
  async (recordingId: string): Promise<RecordingView['space']> => {
    const status = statusOf(recordingId);
    const freeBytes = status?.freeBytes ?? (await freeBytesAt(recordingsDir).catch(() => undefined));
    return freeBytes === undefined
      ? null
      : { freeBytes, minutesLeft: minutesLeft(freeBytes, status?.bytesPerSecond ?? 0) };
  };
