/**
 * The replay of one take on the disk: `replay/<takeId>.mp3`, which grows while recording, and `replay/<takeId>.json`,
 * which says that it is complete. An MP3 without its JSON is the one of a running take, or has to be built.
 */
import type { FileHandle } from 'node:fs/promises';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../platform/durable.ts';
import { samplesOfMs } from '../capture/clock.ts';
import { FRAME_BYTES, frameToMs, framesOf, msToFrame, silentFrames, wholeFrames } from './frames.ts';

/** `gainDb`: what the player adds to reach −16 LUFS, within ±20, null where nobody spoke; `lengthSamples`: of the take. */
export const ReplayNoteSchema = z.object({ gainDb: z.number().nullable(), lengthSamples: z.int().nonnegative() });
export type ReplayNote = z.infer<typeof ReplayNoteSchema>;

export type Replay = ReplayNote & { path: string; sizeBytes: number };

export const replayPath = (dir: string, takeId: string): string => join(dir, 'replay', `${takeId}.mp3`);
export const replayNotePath = (dir: string, takeId: string): string => join(dir, 'replay', `${takeId}.json`);

/** Says that the MP3 is complete; it is on the disk before. */
export const writeReplayNote = (dir: string, takeId: string, note: ReplayNote): Promise<void> =>
  replaceFile(replayNotePath(dir, takeId), JSON.stringify(note));

/** The complete replay of an ended take in a recording's folder; undefined while it is being made, or has to be built. */
export const readReplay = async (dir: string, takeId: string): Promise<Replay | undefined> => {
  const path = replayPath(dir, takeId);
  const json = await readFile(replayNotePath(dir, takeId), 'utf8').catch(() => undefined);
  const file = await stat(path).catch(() => undefined);
  const note = z
    .string()
    .transform((text) => ReplayNoteSchema.parse(JSON.parse(text)))
    .safeParse(json).data;
  return note && file && { ...note, path, sizeBytes: file.size };
};

/**
 * Takes a replay away that must not be heard any more: first what says that it is complete, then its sound, and that of
 * every attempt at it which was broken off or is under way.
 */
export const removeReplay = async (dir: string, takeId: string): Promise<void> => {
  await rm(replayNotePath(dir, takeId), { force: true });
  const folder = dirname(replayPath(dir, takeId));
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  });
  const files = names.filter((name) => name.startsWith(`${takeId}.`));
  await Promise.all(files.map((name) => rm(join(folder, name), { force: true })));
};

/** Frames of silence are written in pieces of this many. */
const SILENCE_FRAMES = 1_000;

/** Makes a replay exactly this many frames long: what is more is cut off, what is missing is silence. */
export const fitReplay = async (file: FileHandle, frames: number): Promise<void> => {
  const kept = Math.min(frames, wholeFrames((await file.stat()).size));
  await file.truncate(kept * FRAME_BYTES);
  for (let at = kept; at < frames; at += SILENCE_FRAMES) {
    await file.appendFile(silentFrames(Math.min(SILENCE_FRAMES, frames - at)));
  }
};

/**
 * Opens the replay of a running take for appending from this frame on. A resumed one goes on in a copy of its own: the
 * encoder of the process that was lost may still be writing its last frames.
 */
export const openGrowingReplay = async (
  dir: string,
  takeId: string,
  firstFrame: number,
  resumed: boolean,
): Promise<FileHandle> => {
  const path = replayPath(dir, takeId);
  const temporary = `${path}.tmp`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(temporary, { force: true });
  if (resumed) await copyFile(path, temporary);
  const file = await open(temporary, 'a', 0o600);
  await fitReplay(file, firstFrame);
  await rename(temporary, path);
  return file;
};

/** Which file lies at the replay's place: another one, or none, once it was taken away. */
export const replayFileOf = async (dir: string, takeId: string): Promise<string | undefined> => {
  const file = await stat(replayPath(dir, takeId)).catch(() => undefined);
  return file && `${file.ino} ${file.birthtimeMs}`;
};

/**
 * The whole frames that hold this stretch, as an MP3 of their own; `path` may still grow. Undefined when the file is
 * missing or has not come as far as `toMs`.
 */
export const sliceReplay = async (path: string, fromMs: number, toMs: number): Promise<Buffer | undefined> => {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return undefined;
  try {
    const end = framesOf(samplesOfMs(toMs));
    if (wholeFrames((await file.stat()).size) < end) return undefined;
    const from = msToFrame(fromMs);
    const bytes = Buffer.alloc((end - from) * FRAME_BYTES);
    await file.read(bytes, 0, bytes.length, from * FRAME_BYTES);
    return bytes;
  } finally {
    await file.close();
  }
};

/** How far the replay of a running take has come, in ms of the take; 0 when there is none. */
export const replayReachedMs = async (dir: string, takeId: string): Promise<number> => {
  const file = await stat(replayPath(dir, takeId)).catch(() => undefined);
  return file ? frameToMs(wholeFrames(file.size)) : 0;
};
