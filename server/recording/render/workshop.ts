/*
 * Where a render works: `work/<job>-<attempt>/` holds what is being made, `work/` what is finished, under a name that
 * follows from everything that went into it. A stage is done when its note lies there, written after its file; then it
 * is not done again, by this attempt or a later one. Whatever an attempt that was killed has left, processes included,
 * the next attempt of the same job clears away.
 */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { access, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { runFfmpeg, type FfmpegOptions, type FfmpegResult } from '../ffmpeg.ts';
import { ProcessNoteSchema, endOrphan } from '../ffmpeg-orphans.ts';
import { replaceFile, settle } from '../../platform/durable.ts';

export type RunFfmpeg = (args: string[], options?: Omit<FfmpegOptions, 'bin' | 'signal'>) => Promise<FfmpegResult>;

/** What a stage gives: the note about its file, and the file, if it makes one. */
export type Made<Note> = { note: Note; file: string };

export type Stage<Note> = {
  /** Name and key make the final name; `extension` is absent when the note is all there is. */
  name: string;
  key: string;
  extension?: 'flac' | 'mp3' | 'm4a' | 'ogg' | 'json';
  noteSchema: z.ZodType<Note>;
  make: (output: string) => Promise<Note>;
};

export type Workshop = {
  folder: string;
  run: RunFfmpeg;
  once: <Note>(stage: Stage<Note>) => Promise<Made<Note>>;
  /** Removes the finished files of these keys. */
  clear: (keys: string[]) => Promise<void>;
  close: () => Promise<void>;
};

const CHILDREN = 'children.jsonl';

/** A name that follows from a value: the first 128 bits of the SHA-256 of its JSON. */
export const nameOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);

export const openWorkshop = async (options: {
  dir: string;
  job: string;
  attempt: number;
  ffmpegBin: string;
  signal?: AbortSignal;
  urgent?: boolean;
}): Promise<Workshop> => {
  const work = join(options.dir, 'work');
  await clearOldAttempts(work, options.job);
  const folder = join(work, `${options.job}-${options.attempt}`);
  await mkdir(folder, { recursive: true });
  const run: RunFfmpeg = (args, runOptions = {}) =>
    runFfmpeg(args, {
      ...runOptions,
      bin: options.ffmpegBin,
      signal: options.signal,
      urgent: options.urgent,
      onSpawn: (note) => appendFileSync(join(folder, CHILDREN), `${JSON.stringify(note)}\n`),
    });
  return {
    folder,
    run,
    once: (stage) => once(work, folder, stage),
    clear: async (keys) => {
      const done = (await readdir(work)).filter((name) => keys.some((key) => name.includes(key)));
      await Promise.all(done.map((name) => rm(join(work, name), { force: true })));
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};

const once = async <Note>(work: string, folder: string, stage: Stage<Note>): Promise<Made<Note>> => {
  const name = `${stage.name}-${stage.key}`;
  const fileName = stage.extension ? `${name}.${stage.extension}` : '';
  const file = join(work, fileName);
  const noteName = `${name}.note.json`;
  const done = await readNote(join(work, noteName), stage.noteSchema);
  if (done !== undefined && (await exists(file))) return { note: done, file };
  const temporary = join(folder, fileName || noteName);
  const note = await stage.make(temporary);
  if (fileName) await settle(temporary, file);
  await replaceFile(join(work, noteName), JSON.stringify(note), join(folder, `new-${noteName}`));
  return { note, file };
};

/** A note that is missing or cannot be read means that the stage was not done. */
const readNote = async <Note>(path: string, schema: z.ZodType<Note>): Promise<Note | undefined> => {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const clearOldAttempts = async (work: string, job: string): Promise<void> => {
  await mkdir(work, { recursive: true });
  const folders = await readdir(work, { withFileTypes: true });
  const old = folders.filter((entry) => entry.isDirectory() && entry.name.replace(/-\d+$/, '') === job);
  for (const entry of old) await clearAttempt(join(work, entry.name));
};

/** Removes the folder of an attempt that is over, and ends what it may have left running. */
export const clearAttempt = async (folder: string): Promise<void> => {
  const children = await readFile(join(folder, CHILDREN), 'utf8').catch(() => '');
  for (const line of children.split('\n').filter((text) => text.endsWith('}'))) {
    endOrphan(ProcessNoteSchema.parse(JSON.parse(line)));
  }
  await rm(folder, { recursive: true, force: true });
};
