/** A recording's folder as a capture leaves it: track files and journal written by the capture's own code. */
import { mkdir, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { flacHeader } from '../../server/recording/capture/flac.ts';
import type { JournalEntry } from '../../server/recording/capture/journal.schema.ts';
import { openJournal } from '../../server/recording/capture/journal.ts';
import { JOURNAL_FILE } from '../../server/recording/capture/measure-tracks.ts';
import { createTrackFile } from '../../server/recording/capture/track-file.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { Gap } from '../../server/recording/timeline.schema.ts';

export type CapturedTrack = {
  speaker: string;
  pcm: Int16Array;
  offsetSamples?: number;
  seatId?: string;
  published?: boolean;
  gaps?: Gap[];
};
/** `lengthSamples` defaults to the end of the last track; a take that is not `stopped` is that of a killed capture. */
export type CapturedTake = {
  tracks: CapturedTrack[];
  lengthSamples?: number;
  stopped?: boolean;
  marks?: { atSample: number; label: string }[];
};

const FIRST_TAKE_AT_MS = Date.parse('2026-11-22T20:00:00Z');

/** Gives the file the header of one that still grows: no length, no checksum. */
const unclose = async (path: string): Promise<void> => {
  const file = await open(path, 'r+');
  await file.write(flacHeader());
  await file.close();
};

const writeTrack = async (dir: string, takeId: string, track: CapturedTrack, index: number, stopped: boolean) => {
  const { speaker, pcm, offsetSamples = 0, published = true, gaps = [] } = track;
  const file = `raw/${takeId}-TR_${index}-1.flac`;
  const written = await createTrackFile(join(dir, file), (error) => {
    throw error;
  });
  written.write(pcm);
  await written.close();
  if (!stopped) await unclose(join(dir, file));
  const common = { atMs: FIRST_TAKE_AT_MS, takeId, file };
  const seatId = track.seatId ?? speaker;
  const who = { speaker, seatId, identity: `s_${seatId}`, consentId: `consent-${seatId}`, published };
  const place = { trackSid: `TR_${index}`, epoch: 1, offsetSamples };
  const lines: JournalEntry[] = [
    { type: 'trackOpened', ...common, ...place, ...who },
    ...gaps.map((gap): JournalEntry => ({ type: 'gap', ...common, ...gap })),
  ];
  if (stopped) lines.push({ type: 'trackClosed', ...common, lengthSamples: pcm.length });
  return lines;
};

const linesOfTake = async (dir: string, take: CapturedTake, ordinal: number): Promise<JournalEntry[]> => {
  const { tracks, stopped = true, marks = [] } = take;
  const takeId = `${basename(dir)}-${ordinal}`;
  const atMs = FIRST_TAKE_AT_MS + ordinal * 3_600_000;
  const ends = tracks.map(({ pcm, offsetSamples = 0 }) => offsetSamples + pcm.length);
  const samples = take.lengthSamples ?? Math.max(0, ...ends);
  const anchor = { wallMs: atMs, bootId: 'none', monotonicMs: 0 };
  const written = await Promise.all(tracks.map((track, index) => writeTrack(dir, takeId, track, index, stopped)));
  return [
    { type: 'takeStarted', atMs, takeId, ordinal, anchor },
    ...written.flat(),
    ...marks.map((mark, index): JournalEntry => ({ type: 'mark', atMs, takeId, markId: `mark-${index}`, ...mark })),
    { type: 'progress', atMs, takeId, samples },
    ...(stopped ? [{ type: 'takeStopped' as const, atMs, takeId, samples, reason: 'stopped' }] : []),
  ];
};

/** Writes into `dir`, which is made. Takes are called `<name of dir>-1`, `-2` …; a seat has its speaker's name. */
export const writeCapturedFolder = async (dir: string, takes: CapturedTake[]): Promise<void> => {
  await mkdir(join(dir, 'raw'), { recursive: true });
  const journal = await openJournal(join(dir, JOURNAL_FILE));
  const lines = await Promise.all(takes.map((take, index) => linesOfTake(dir, take, index + 1)));
  for (const line of lines.flat()) await journal.append(line);
  await journal.close();
};

export const samplesOf = (seconds: number): number => Math.round(seconds * SAMPLE_RATE);
