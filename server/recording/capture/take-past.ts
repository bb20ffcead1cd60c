/** What an earlier process left of a take that was never stopped: where a new one goes on. */
import type { Anchor, CaptureClock } from './clock.ts';
import { reanchor } from './clock.ts';
import type { JournalEntry } from './journal.schema.ts';
import type { FileLengths } from './timeline.ts';
import { timelineOf } from './timeline.ts';

export type TakePast = {
  anchor: Anchor;
  /** Up to here sound is on the disk; the gap begins. */
  reachedSamples: number;
  /** The last epoch used for each track. */
  epochs: ReadonlyMap<string, number>;
};

/**
 * The past of a take, or undefined when it never began or was stopped. Where a capture was lost is told by its longest
 * file; the journal's own last position counts only where no file was open.
 */
export const takePast = (
  takeId: string,
  entries: readonly JournalEntry[],
  fileLengths: FileLengths,
  clock: CaptureClock,
): TakePast | undefined => {
  const take = timelineOf(entries, fileLengths).takes.find((candidate) => candidate.takeId === takeId);
  const started = entries.find((entry) => entry.type === 'takeStarted' && entry.takeId === takeId);
  if (take?.state !== 'open' || started?.type !== 'takeStarted') return undefined;
  const epochs = new Map<string, number>();
  for (const track of take.tracks) {
    epochs.set(track.trackSid, Math.max(track.epoch, epochs.get(track.trackSid) ?? 0));
  }
  const closed = new Set(entries.flatMap((entry) => (entry.type === 'trackClosed' ? [entry.file] : [])));
  const cutOff = take.tracks.filter((track) => !closed.has(track.file) && track.lengthSamples > 0);
  const ends = cutOff.map((track) => track.offsetSamples + track.lengthSamples);
  const reachedSamples = ends.length > 0 ? Math.max(...ends) : take.lengthSamples;
  return { anchor: reanchor(started.anchor, clock), reachedSamples, epochs };
};
