/** The truth about a recording on the disk: its journal, and the length of every file that was not closed. */
import { join } from 'node:path';
import type { RecordingTimeline } from '../timeline.schema.ts';
import { flacLengthSamples } from './flac-length.ts';
import type { JournalEntry } from './journal.schema.ts';
import { readJournal } from './journal.ts';
import type { FileLengths } from './timeline.ts';
import { timelineOf } from './timeline.ts';

/** The journal's name in a recording's folder. */
export const JOURNAL_FILE = 'events.jsonl';

/** Measures the files that have no closing line in the journal: those of a capture that was killed or still runs. */
export const measureTracks = async (dir: string, entries: readonly JournalEntry[]): Promise<FileLengths> => {
  const closed = new Set(entries.flatMap((entry) => (entry.type === 'trackClosed' ? [entry.file] : [])));
  const files = entries.flatMap((entry) =>
    entry.type === 'trackOpened' && !closed.has(entry.file) ? [entry.file] : [],
  );
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await flacLengthSamples(join(dir, file))] as const)),
  );
};

/** Reads the folder of a recording: what the render and the rows of the database are built from. */
export const readTimeline = async (dir: string): Promise<RecordingTimeline> => {
  const { entries } = await readJournal(join(dir, JOURNAL_FILE));
  return timelineOf(entries, await measureTracks(dir, entries));
};
