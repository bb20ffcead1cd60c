/** A recording as a crash or an old evening left it: rows as they are told, a folder with a journal and track files. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../server/platform/ids.ts';
import { journalLine } from '../../server/recording/capture/journal.ts';
import type { JournalEntry } from '../../server/recording/capture/journal.schema.ts';
import { JOURNAL_FILE } from '../../server/recording/capture/measure-tracks.ts';
import { recorderIdentity } from '../../server/recording/captures.ts';
import type { TestApp } from './app.ts';
import { writeFlac } from './raw-tracks.ts';

/** `journal`: none, a take that was never stopped, or the reason of its stop. */
export type WrittenTake = {
  row: { state: string; stopReason?: string };
  journal: { pcm: Int16Array; stopped?: string } | undefined;
};

const STARTED_AT_MS = Date.parse('2026-03-01T20:00:00Z');

const linesOf = (takeId: string, ordinal: number, lengthSamples: number, stopped?: string): JournalEntry[] => {
  const file = `raw/${takeId}-TR-1.flac`;
  const [atMs, seat] = [
    STARTED_AT_MS,
    { identity: 's_1', speaker: 'Ada', seatId: '1', consentId: 'c', published: true },
  ];
  const anchor = { bootId: 'an earlier boot', monotonicMs: 0, wallMs: atMs };
  const began: JournalEntry[] = [
    { type: 'takeStarted', atMs, takeId, ordinal, anchor },
    { type: 'trackOpened', atMs, takeId, file, trackSid: 'TR', epoch: 1, offsetSamples: 0, ...seat },
  ];
  if (stopped === undefined) return began;
  return [
    ...began,
    { type: 'trackClosed', atMs, takeId, file, lengthSamples },
    { type: 'takeStopped', atMs, takeId, samples: lengthSamples, reason: stopped },
  ];
};

/** Writes an open recording of this live session; answers the ids. */
export const writtenRecording = async (
  { database, config }: TestApp,
  ffmpegBin: string,
  liveSessionId: string,
  takes: WrittenTake[],
): Promise<{ id: string; takeIds: string[] }> => {
  const { prisma } = database;
  const id = randomId();
  const dir = join(config.recordingsDir, id);
  await prisma.recording.create({ data: { id, liveSessionId, state: 'open', identity: recorderIdentity(id) } });
  await mkdir(join(dir, 'raw'), { recursive: true });
  const takeIds: string[] = [];
  let journal = '';
  for (const [index, { row, journal: written }] of takes.entries()) {
    const takeId = randomId();
    takeIds.push(takeId);
    const startedAt = row.state === 'starting' ? null : new Date(STARTED_AT_MS);
    await prisma.take.create({ data: { id: takeId, recordingId: id, ordinal: index + 1, startedAt, ...row } });
    if (!written) continue;
    await writeFlac(ffmpegBin, join(dir, `raw/${takeId}-TR-1.flac`), written.pcm);
    journal += linesOf(takeId, index + 1, written.pcm.length, written.stopped)
      .map(journalLine)
      .join('');
  }
  await writeFile(join(dir, JOURNAL_FILE), journal);
  return { id, takeIds };
};
