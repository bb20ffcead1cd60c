/** `recording list`: rows and folders side by side, so that what is only in one of them is seen. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { RecordingRows } from '../../server/recording/recovery.store.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';

/** Covers and the demo's recordings lie beside the recordings. */
const NO_RECORDINGS = new Set(['covers', 'demo']);

const bytesIn = async (dir: string): Promise<number> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  // A step of a render may go between the two looks
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file)
        .then(({ size }) => size)
        .catch(() => 0),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};

const entryOf = async (recordingsDir: string, id: string, rows: RecordingRows | undefined, isThere: boolean) => {
  const dir = join(recordingsDir, id);
  const { takes } = await readTimeline(dir);
  const samples = takes.reduce((sum, take) => sum + take.lengthSamples, 0);
  return {
    id,
    room: rows?.liveSession.room.slug ?? null,
    name: rows?.name ?? null,
    createdAt: rows?.createdAt.toISOString() ?? null,
    state: rows?.state ?? 'no rows',
    takes: takes.length,
    lengthMs: Math.round((samples * 1000) / SAMPLE_RATE),
    master: rows?.masters[0]?.state ?? null,
    folder: isThere ? 'there' : 'missing',
    bytes: await bytesIn(dir),
  };
};

export const listRecordings = async (recordingsDir: string, rows: RecordingRows[]) => {
  const entries = await readdir(recordingsDir, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !NO_RECORDINGS.has(entry.name));
  const present = new Set(folders.map(({ name }) => name));
  const known = new Map(rows.map((row) => [row.id, row]));
  const ids = [...known.keys(), ...[...present].filter((id) => !known.has(id))];
  const recordings = [];
  for (const id of ids) recordings.push(await entryOf(recordingsDir, id, known.get(id), present.has(id)));
  return { recordings };
};
