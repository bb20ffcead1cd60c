/**
 * `manifest.json` in a recording's folder: what the folder is and what its files are, for whoever has nothing but the
 * folder. Written anew at every change of a take, as a whole or not at all; the journal beside it is the truth.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import { replaceFile } from '../platform/durable.ts';
import { JOURNAL_FILE } from './capture/measure-tracks.ts';
import { replayPath } from './replay/replay-file.ts';
import type { RowKeeper } from './row-keeper.ts';
import type { Recording } from './takes.store.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';
import type { RecordingTimeline, TimelineTake } from './timeline.schema.ts';

export const MANIFEST_FILE = 'manifest.json';

const samples = z.int().nonnegative();

export const ManifestSchema = z.object({
  formatVersion: z.literal(1),
  recordingId: z.string(),
  liveSessionId: z.string(),
  room: z.object({ slug: z.string(), title: z.string() }),
  name: z.string().nullable(),
  createdAt: z.iso.datetime(),
  journal: z.string(),
  sampleRate: z.int(),
  takes: z.array(
    z.object({
      id: z.string(),
      ordinal: z.int(),
      name: z.string().nullable(),
      state: z.string(),
      stopReason: z.string().nullable(),
      startedAt: z.iso.datetime().nullable(),
      lengthSamples: samples,
      replay: z.string(),
      /** Sample 0 of a file lies at `offsetSamples` of the take. */
      files: z.array(
        z.object({
          file: z.string(),
          speaker: z.string(),
          published: z.boolean(),
          offsetSamples: samples,
          lengthSamples: samples,
        }),
      ),
    }),
  ),
});
export type Manifest = z.infer<typeof ManifestSchema>;

type Room = { slug: string; title: string };

const filesOf = (known: TimelineTake | undefined): Manifest['takes'][number]['files'] =>
  (known?.tracks ?? []).map(({ file, speaker, published, offsetSamples, lengthSamples }) => ({
    ...{ file, speaker, published, offsetSamples, lengthSamples },
  }));

/** Pure: rows and journal as one description. */
export const manifestOf = (recording: Recording, room: Room, timeline: RecordingTimeline): Manifest => ({
  formatVersion: 1,
  recordingId: recording.id,
  liveSessionId: recording.liveSessionId,
  room: { slug: room.slug, title: room.title },
  name: recording.name,
  createdAt: recording.createdAt.toISOString(),
  journal: JOURNAL_FILE,
  sampleRate: SAMPLE_RATE,
  takes: recording.takes.map((take) => {
    const known = timeline.takes.find(({ takeId }) => takeId === take.id);
    const startedAtMs = known?.startedAtMs ?? ('startedAtMs' in take ? take.startedAtMs : null);
    return {
      id: take.id,
      ordinal: take.ordinal,
      name: take.name,
      state: take.state,
      stopReason: 'stopReason' in take ? take.stopReason : (known?.stopReason ?? null),
      startedAt: startedAtMs === null ? null : new Date(startedAtMs).toISOString(),
      lengthSamples: known?.lengthSamples ?? 0,
      replay: replayPath('', take.id),
      files: filesOf(known),
    };
  }),
});

type Deps = {
  recordingsDir: string;
  rows: Pick<RowKeeper, 'keep'>;
  recordingOf: (recordingId: string) => Promise<Recording | undefined>;
  roomOf: (recordingId: string) => Promise<Room | undefined>;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
  log: FastifyBaseLogger;
};

/** Keeps the manifests: written behind what has happened, and like rows tried again while the database is away. */
export const manifestWriter = ({ recordingsDir, rows, recordingOf, roomOf, timelineOf, log }: Deps) => {
  const noted = new Set<string>();

  const write = async (recordingId: string): Promise<void> => {
    noted.delete(recordingId);
    const dir = join(recordingsDir, recordingId);
    // A start that failed before anything was captured has no folder
    if (!(await stat(dir).catch(() => undefined))) return;
    const [recording, room] = await Promise.all([recordingOf(recordingId), roomOf(recordingId)]);
    if (!recording || !room) return;
    const manifest = manifestOf(recording, room, await timelineOf(recordingId));
    await replaceFile(join(dir, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
  };

  /** Several changes at once are written once. */
  return (recordingId: string): void => {
    if (noted.has(recordingId)) return;
    noted.add(recordingId);
    // Not behind the rows of the recording: an answer to a stop does not wait for this file
    rows
      .keep(`${recordingId}/${MANIFEST_FILE}`, () => write(recordingId))
      .catch((error: unknown) => log.error({ err: error, recordingId }, 'manifest not written'));
  };
};
