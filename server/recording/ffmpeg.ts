/*
 * The one way in which Loggia calls ffmpeg. A call is an argv array built by pure functions elsewhere; here it gets the
 * safety flags, a process group of its own, a low priority, limits of time and size, progress, and an end: whatever
 * happens, when the promise settles no process of this call is left. Inputs are named by us, opened with a forced
 * format, and may only be files: a playlist in disguise cannot make ffmpeg read or fetch anything else.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { Problem } from '../problems.ts';
import { noteProcess, type ProcessNote } from './ffmpeg-orphans.ts';

/** How far a call has come: position in the output and bytes written by the muxer. */
export type FfmpegProgress = { outTimeMs: number; totalBytes: number };

/** `stderrTail` holds the last 64 KiB, in which measuring filters leave their summary at level `info`. */
export type FfmpegResult = { stderrTail: string; elapsedMs: number };

export type FfmpegOptions = {
  bin: string;
  signal?: AbortSignal;
  onProgress?: (progress: FfmpegProgress) => void;
  /** Receives what the command writes to `pipe:1`; such a call reports no progress, the data are the progress. */
  onData?: (chunk: Buffer) => void;
  /** Told once the process exists, so that an orphan can be found and ended after a crash of ours. */
  onSpawn?: (note: ProcessNote) => void;
  timeLimitMs?: number;
  sizeLimitBytes?: number;
  level?: 'error' | 'info';
  /** Somebody waits for it: it is not put behind everything else. */
  urgent?: boolean;
};

/** The demuxers that ever meet a file of ours. */
export type InputFormat = 'flac' | 'mp3' | 'mov' | 'ogg';

const STDERR_TAIL_BYTES = 64 * 1024;
const DEFAULT_TIME_LIMIT_MS = 10 * 60_000;
const NICE = Math.min(10, constants.priority.PRIORITY_LOW);
/** Becomes ffmpeg itself, which then reads and writes when nobody else does (util-linux; Linux alone has it). */
const IONICE = '/usr/bin/ionice';
const idly = existsSync(IONICE) ? [IONICE, '-c', '3'] : [];
/** What a wrapping command answers when it cannot start the other (POSIX, env). */
const NOT_FOUND = 127;
/** One core is enough for a render: the others belong to live rooms. */
const ONE_THREAD = ['-threads', '1', '-filter_threads', '1', '-filter_complex_threads', '1'];

/** Arguments that open one file of ours, and nothing but a file, with the demuxer named instead of guessed. */
export const inputFile = (format: InputFormat, path: string): string[] => [
  '-protocol_whitelist',
  'file,pipe',
  '-format_whitelist',
  format,
  '-f',
  format,
  '-i',
  `file:${path}`,
];

/**
 * Runs ffmpeg to its end. Rejects with the signal's reason when aborted, with a Problem `ffmpeg-failed` when it fails,
 * is missing, or passes a limit; the tail of its own words is the Problem's cause.
 */
export const runFfmpeg = async (args: string[], options: FfmpegOptions): Promise<FfmpegResult> => {
  options.signal?.throwIfAborted();
  const startedAt = performance.now();
  const progressArgs = options.onData ? [] : ['-progress', 'pipe:1', '-stats_period', '0.25'];
  const safe = ['-nostdin', '-hide_banner', '-nostats', '-v', options.level ?? 'error', '-y', ...progressArgs];
  const lead = options.urgent ? [] : idly;
  const [command, ...words] = [...lead, options.bin, ...safe, ...ONE_THREAD, ...args];
  const child = spawn(command!, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const tail = collectTail(child);
  const end = watch(child, options);
  const failure = await end;
  const stderrTail = tail();
  options.signal?.throwIfAborted();
  if (failure) {
    throw new Problem('ffmpeg-failed', {
      detail: failure,
      cause: new Error(stderrTail.trim() || 'ffmpeg said nothing'),
    });
  }
  return { stderrTail, elapsedMs: performance.now() - startedAt };
};

/** Feeds the callbacks, enforces the limits, and resolves with the reason of a failure, or undefined, once it is gone. */
const watch = async (child: ChildProcess, options: FfmpegOptions): Promise<string | undefined> => {
  let failure: string | undefined;
  const stop = (reason: string) => {
    failure ??= reason;
    endGroup(child.pid);
  };
  const onAbort = () => stop('Cancelled.');
  const limitMs = options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
  const timer = setTimeout(() => stop(`ffmpeg took longer than ${Math.round(limitMs / 1000)} s.`), limitMs);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.onData) child.stdout?.on('data', options.onData);
  else {
    readProgress(child, (progress) => {
      if (progress.totalBytes > (options.sizeLimitBytes ?? Infinity)) stop('The output of ffmpeg grew too large.');
      else options.onProgress?.(progress);
    });
  }
  if (child.pid !== undefined) {
    if (!options.urgent) makeNice(child.pid);
    options.onSpawn?.(noteProcess(child.pid));
  }
  return new Promise((resolve) => {
    child.once('error', (error) => (failure ??= `ffmpeg could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      if (code === NOT_FOUND) failure ??= 'ffmpeg could not be started.';
      if (code !== 0) failure ??= `ffmpeg ended with ${signal ?? `code ${code}`}.`;
      resolve(failure);
    });
  });
};

/** The room's sound comes first: ffmpeg takes what is left of the processor. */
export const makeNice = (pid: number, nice = NICE): void => {
  try {
    setPriority(pid, nice);
  } catch {
    // It ended before it could be made nicer, which is as nice as can be.
  }
};

/** Kills whatever a call has started. */
export const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
};

/** The last 64 KiB of what it says. */
export const collectTail = (child: ChildProcess): (() => string) => {
  let tail = Buffer.alloc(0);
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_TAIL_BYTES);
  });
  return () => tail.toString('utf8');
};

/** `out_time_us` is the honest field: `out_time_ms` carries microseconds too. */
const readProgress = (child: ChildProcess, onProgress: (progress: FfmpegProgress) => void): void => {
  let rest = '';
  let outTimeMs = 0;
  let totalBytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [key, value] = line.split('=');
      const number = Number(value);
      if (key === 'out_time_us' && number > 0) outTimeMs = number / 1000;
      if (key === 'total_size' && number > 0) totalBytes = number;
      if (key === 'progress') onProgress({ outTimeMs, totalBytes });
    }
  });
};
