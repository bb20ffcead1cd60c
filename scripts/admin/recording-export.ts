/** `recording export`: everything of a recording in a folder that any editor opens, without Loggia. */
import { copyFile, cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../server/config.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { runFfmpeg } from '../../server/recording/ffmpeg.ts';
import type { RecordingRows } from '../../server/recording/recovery.store.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import { findFfmpeg } from '../toolchain/ffmpeg.ts';
import { UsageError } from './arguments.ts';
import type { ExportFormat } from './export-tracks.ts';
import { exportArgs, labelsOf, voicesOf } from './export-tracks.ts';
import { readmeOf } from './export-readme.ts';
import type { ExportedTake } from './export-readme.ts';

type Order = { config: Config; id: string; rows: RecordingRows | null; to: string; format: ExportFormat };

const TRACK_LIMIT_MS = 3_600_000;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const exportTake = async (
  bin: string,
  dir: string,
  take: TimelineTake,
  { to, format }: Order,
): Promise<ExportedTake> => {
  const folder = `take-${take.ordinal}`;
  await mkdir(join(to, folder), { recursive: true });
  // A file that is gone (erased by its speaker, lost) leaves the others their places
  const present = await Promise.all(take.tracks.map(({ file }) => isThere(join(dir, file))));
  const kept = { ...take, tracks: take.tracks.filter((track, index) => present[index] && track.lengthSamples > 0) };
  const voices = voicesOf(kept).map((voice) => ({ ...voice, file: `${folder}/${voice.name}.${format}` }));
  for (const voice of voices) {
    const args = exportArgs(dir, voice, take.lengthSamples, { file: join(to, voice.file), format });
    await runFfmpeg(args, { bin, timeLimitMs: TRACK_LIMIT_MS });
  }
  await writeFile(join(to, folder, 'labels.txt'), labelsOf(take));
  const replay = join(dir, 'replay', `${take.takeId}.mp3`);
  if (await isThere(replay)) await copyFile(replay, join(to, folder, 'replay.mp3'));
  return { take, folder, voices, missing: present.filter((there) => !there).length };
};

/** The ready masters, newest first, as `master-1`, `master-2` … */
const exportMasters = async (dir: string, { rows, to }: Order): Promise<string[]> => {
  const folders: string[] = [];
  for (const { state, renditions } of rows?.masters ?? []) {
    const [first] = renditions;
    if (state !== 'ready' || !first) continue;
    const folder = `master-${folders.length + 1}`;
    await cp(join(dir, dirname(first.file)), join(to, folder), { recursive: true });
    folders.push(folder);
  }
  return folders;
};

/** Throws a usage error when the folder is there already and holds something. */
export const exportRecording = async (order: Order) => {
  const { config, id, to, rows } = order;
  const dir = join(config.recordingsDir, id);
  if ((await readdir(to).catch(() => [])).length > 0) throw new UsageError(`${to} is not empty: name another --to.`);
  const { path: bin } = await findFfmpeg(process.env['FFMPEG_BIN']);
  const timeline = await readTimeline(dir);
  await mkdir(to, { recursive: true });
  const takes: ExportedTake[] = [];
  for (const take of timeline.takes) if (take.lengthSamples > 0) takes.push(await exportTake(bin, dir, take, order));
  const masters = await exportMasters(dir, order);
  await writeFile(join(to, 'timeline.json'), `${JSON.stringify(timeline, null, 2)}\n`);
  await writeFile(join(to, 'README.md'), readmeOf({ id, room: rows?.liveSession.room.title ?? null, takes, masters }));
  return { id, to, files: takes.flatMap(({ voices }) => voices.map(({ file }) => file)), masters };
};
