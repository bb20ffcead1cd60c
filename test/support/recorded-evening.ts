/** A closed recording with sound in it, as captures leave it: rows of ended takes, their journal and their files. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../server/platform/ids.ts';
import type { JournalEntry } from '../../server/recording/capture/journal.schema.ts';
import { journalLine } from '../../server/recording/capture/journal.ts';
import { JOURNAL_FILE } from '../../server/recording/capture/measure-tracks.ts';
import { recorderIdentity } from '../../server/recording/captures.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import type { TestApp } from './app.ts';
import { makeRecording } from './raw-tracks.ts';
import type { RawTake } from './raw-tracks.ts';

const linesOf = (take: TimelineTake): JournalEntry[] => {
  const { takeId, ordinal, startedAtMs: atMs, lengthSamples: samples } = take;
  const anchor = { bootId: 'boot', monotonicMs: 0, wallMs: atMs };
  return [
    { type: 'takeStarted', atMs, takeId, ordinal, anchor },
    ...take.tracks.flatMap(({ lengthSamples, gaps: _, ...track }): JournalEntry[] => [
      { type: 'trackOpened', atMs, takeId, ...track },
      { type: 'trackClosed', atMs, takeId, file: track.file, lengthSamples },
    ]),
    { type: 'takeStopped', atMs, takeId, samples, reason: 'stopped' },
  ];
};

/** Adds the recording to a live session and returns its id and those of its takes. */
export const recordedEvening = async (
  { database, config }: TestApp,
  liveSessionId: string,
  raw: RawTake[],
): Promise<{ recordingId: string; dir: string; takeIds: string[] }> => {
  const recordingId = randomId();
  const made = await makeRecording(config.ffmpegBin, raw);
  const takes = made.timeline.takes.map((take) => ({ ...take, takeId: randomId() }));
  const dir = join(config.recordingsDir, recordingId);
  await mkdir(config.recordingsDir, { recursive: true });
  await cp(made.dir, dir, { recursive: true });
  await writeFile(join(dir, JOURNAL_FILE), takes.flatMap(linesOf).map(journalLine).join(''));
  const identity = recorderIdentity(recordingId);
  await database.prisma.recording.create({ data: { id: recordingId, liveSessionId, state: 'closed', identity } });
  await database.prisma.take.createMany({
    data: takes.map(({ takeId: id, ordinal, startedAtMs, lengthSamples }) => ({
      ...{ id, recordingId, ordinal, state: 'closed', lengthSamples: BigInt(lengthSamples) },
      ...{ startedAt: new Date(startedAtMs), stoppedAt: new Date(startedAtMs + lengthSamples / 48) },
    })),
  });
  return { recordingId, dir, takeIds: takes.map(({ takeId }) => takeId) };
};
