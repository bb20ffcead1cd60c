/**
 * What can be said of a recording's folder without its rows: journal, tracks and replays. Faults are what should not
 * be; notes are what an evening brings (a capture that was killed, a gap).
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { JournalEntry, JournalEntryOf } from '../../server/recording/capture/journal.schema.ts';
import { readJournal } from '../../server/recording/capture/journal.ts';
import { flacLengthSamples } from '../../server/recording/capture/flac-length.ts';
import { JOURNAL_FILE, readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import { decodeFlac, readFlacHeader } from './flac-check.ts';

export type Check = { faults: string[]; notes: string[] };

const seconds = (samples: number): string => `${(samples / SAMPLE_RATE).toFixed(1)} s`;

const ofType = <Type extends JournalEntry['type']>(entries: readonly JournalEntry[], type: Type) =>
  entries.filter((entry): entry is JournalEntryOf<Type> => entry.type === type);

/** A file that was closed: its length stands in the journal and in its own header, its samples have a checksum. */
const checkClosed = async (check: Check, bin: string, path: string, file: string, journal: number): Promise<void> => {
  const [header, decoded] = [await readFlacHeader(path), await decodeFlac(bin, path)];
  const wrong = (what: string) => check.faults.push(`${file}: ${what}`);
  if (!header) return void wrong('is no FLAC file any more');
  if (header.totalSamples !== journal)
    wrong(`its header says ${header.totalSamples} samples, the journal says ${journal}`);
  if (decoded.samples !== journal) wrong(`${seconds(journal)} were written, ${seconds(decoded.samples)} can be read`);
  else if (decoded.md5 !== header.md5) wrong('the sound is not what was written: its checksum is another');
  else if (decoded.complaint) wrong(`damaged: ${decoded.complaint.split('\n')[0]}`);
};

const checkOpen = async (check: Check, bin: string, path: string, file: string): Promise<void> => {
  const [length, decoded] = [await flacLengthSamples(path), await decodeFlac(bin, path)];
  check.notes.push(`${file}: was cut off while it grew, ${seconds(length)} can be read`);
  // The last frame may be half written, and is then lost
  if (decoded.samples < length) {
    check.faults.push(
      `${file}: damaged inside, ${seconds(length - decoded.samples)} of ${seconds(length)} are missing`,
    );
  }
};

const checkTracks = async (check: Check, dir: string, entries: JournalEntry[], bin: string, lives: boolean) => {
  const closed = new Map(ofType(entries, 'trackClosed').map((entry) => [entry.file, entry.lengthSamples]));
  const erased = new Set(ofType(entries, 'withdrawn').flatMap((line) => (line.erased ? [line.seatId] : [])));
  const opened = ofType(entries, 'trackOpened');
  for (const { file, seatId } of opened) {
    const path = join(dir, file);
    const length = closed.get(file);
    const found = await stat(path).catch(() => undefined);
    if (!found && erased.has(seatId)) check.notes.push(`${file}: erased, as its speaker asked`);
    else if (!found) check.faults.push(`${file}: is missing`);
    else if (length !== undefined) await checkClosed(check, bin, path, file, length);
    else if (!lives) await checkOpen(check, bin, path, file);
  }
  const named = new Set(opened.map(({ file }) => basename(file)));
  const present = await readdir(join(dir, 'raw')).catch(() => []);
  for (const name of present) if (!named.has(name)) check.faults.push(`raw/${name}: no line of the journal names it`);
};

const checkTake = (check: Check, take: TimelineTake, lives: boolean): void => {
  const gaps = [...take.gaps, ...take.tracks.flatMap((track) => track.gaps)];
  const lost = gaps.reduce((sum, { fromSample, toSample }) => sum + toSample - fromSample, 0);
  if (gaps.length > 0) check.notes.push(`take ${take.ordinal}: ${gaps.length} gaps, ${seconds(lost)} in all`);
  if (take.state === 'open') {
    check.notes.push(`take ${take.ordinal}: ${lives ? 'is being captured' : 'its capture died before it was stopped'}`);
  }
};

/** Reads everything through; `captureLives` leaves alone what is still growing. */
export const checkFolder = async (dir: string, bin: string, captureLives: boolean): Promise<Check> => {
  const check: Check = { faults: [], notes: [] };
  const { entries, corruptLines, tornBytes } = await readJournal(join(dir, JOURNAL_FILE));
  if (entries.length === 0) check.faults.push(`${JOURNAL_FILE}: is missing or empty`);
  for (const line of corruptLines) check.faults.push(`${JOURNAL_FILE}: line ${line} fails its checksum`);
  if (tornBytes > 0 && !captureLives) check.notes.push(`${JOURNAL_FILE}: its last line was cut off`);
  await checkTracks(check, dir, entries, bin, captureLives);
  for (const take of (await readTimeline(dir)).takes) checkTake(check, take, captureLives);
  return check;
};
