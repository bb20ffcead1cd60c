/** `recording verify`: the folder against its own journal, and the finished files against their rows. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../server/config.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { RecordingRows } from '../../server/recording/recovery.store.ts';
import { sha256Of } from '../../server/recording/render/probe.ts';
import { findFfmpeg } from '../toolchain/ffmpeg.ts';
import { captureLives } from './capture-lives.ts';
import { checkFolder } from './folder-check.ts';
import { manifestFaults, readManifest } from './manifest.ts';

const FRAME_BYTES = 288;

const checkMasters = async (dir: string, { masters }: RecordingRows): Promise<string[]> => {
  const faults: string[] = [];
  // The files of one that held a voice which was taken back are deleted
  const kept = masters.filter(({ state }) => state !== 'withdrawn');
  for (const { file, bytes, sha256 } of kept.flatMap(({ renditions }) => renditions)) {
    const found = await stat(join(dir, file)).catch(() => undefined);
    if (!found) faults.push(`${file}: is missing`);
    else if (BigInt(found.size) !== bytes) faults.push(`${file}: has ${found.size} bytes instead of ${bytes}`);
    else if ((await sha256Of(join(dir, file))) !== sha256) faults.push(`${file}: its SHA-256 is another`);
  }
  return faults;
};

/** Every frame of a replay has the same size, so a file is whole when that many bytes divide it. */
const checkReplays = async (dir: string): Promise<string[]> => {
  const files = (await readdir(join(dir, 'replay')).catch(() => [])).filter((name) => name.endsWith('.mp3'));
  const sizes = await Promise.all(
    files.map(async (name) => ({ name, size: (await stat(join(dir, 'replay', name))).size })),
  );
  return sizes.flatMap(({ name, size }) => (size % FRAME_BYTES === 0 ? [] : [`replay/${name}: ends inside a frame`]));
};

/** Takes that the rows believe to be running, or do not know, though nothing captures them. */
const checkTakes = async (dir: string, { takes }: RecordingRows): Promise<string[]> => {
  const known = new Map(takes.map(({ id, state }) => [id, state]));
  return (await readTimeline(dir)).takes.flatMap(({ takeId, ordinal, lengthSamples }) => {
    const state = known.get(takeId);
    if (state === 'closed' || lengthSamples === 0) return [];
    return [
      `take ${ordinal}: ${state ? `its row says "${state}"` : 'has no row'}, though nothing captures it: recover it`,
    ];
  });
};

/** Answers plain sentences; none of them means that all is well. */
export const verifyRecording = async (config: Config, id: string, rows: RecordingRows | null) => {
  const dir = join(config.recordingsDir, id);
  const lives = await captureLives(dir);
  const { path: bin } = await findFfmpeg(process.env['FFMPEG_BIN']);
  const { faults, notes } = await checkFolder(dir, bin, lives);
  const manifest = lives ? undefined : await readManifest(dir);
  const findings = [
    ...faults,
    ...(manifest ? manifestFaults(manifest, await readTimeline(dir)) : []),
    ...(rows ? [] : ['The recording has no rows: recover it.']),
    ...(rows && !lives ? await checkTakes(dir, rows) : []),
    ...(rows ? await checkMasters(dir, rows) : []),
    ...(lives ? [] : await checkReplays(dir)),
  ];
  return { id, ok: findings.length === 0, findings, notes };
};
