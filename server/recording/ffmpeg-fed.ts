/**
 * An ffmpeg that is fed by hand and writes into a file that is open already, as long as we live: when its input ends,
 * for whatever reason, it finishes what it has and is gone.
 */
import { spawn } from 'node:child_process';
import { collectTail, endGroup, makeNice } from './ffmpeg.ts';

/** Somebody waits for what is made live: it comes after the room's sound, but before any render. */
const NICE = 5;

export type FedFfmpeg = {
  write: (bytes: Uint8Array) => void;
  /** Bytes that it has not read yet. */
  waitingBytes: () => number;
  /** Ends the input and answers its last words; rejects when it fails or is not done within `withinMs`. */
  finish: (withinMs: number) => Promise<string>;
  /** Ends it at once; nobody is told. */
  kill: () => void;
};

/** `onFailure` hears, once, that it is gone before it was to finish. */
export const feedFfmpeg = (
  bin: string,
  args: string[],
  outputFd: number,
  onFailure: (error: Error) => void,
): FedFfmpeg => {
  const safe = ['-hide_banner', '-nostats', '-v', 'info', '-y'];
  const child = spawn(bin, [...safe, ...args], { detached: true, stdio: ['pipe', outputFd, 'pipe'] });
  if (child.pid !== undefined) makeNice(child.pid, NICE);
  const tail = collectTail(child);
  const ended = Promise.withResolvers<string>();
  let awaited = false;
  const fail = (reason: string): void => ended.reject(new Error(`ffmpeg ${reason}: ${tail().trim().slice(-500)}`));
  child.once('error', (error) => fail(`could not be started (${error.message})`));
  child.once('close', (code, signal) => (code === 0 ? ended.resolve(tail()) : fail(`ended with ${signal ?? code}`)));
  // What it does not read any more breaks the pipe; that it is gone is told by its end.
  child.stdin!.on('error', () => {});
  const gone = (error: Error): void => {
    if (!awaited) onFailure(error);
  };
  ended.promise.then(() => gone(new Error('ffmpeg ended by itself')), gone);
  const kill = (): void => {
    awaited = true;
    if (child.exitCode === null && child.signalCode === null) endGroup(child.pid);
  };
  return {
    write: (bytes) => void child.stdin!.write(bytes),
    waitingBytes: () => child.stdin!.writableLength,
    finish: (withinMs) => {
      awaited = true;
      const timer = setTimeout(() => endGroup(child.pid), withinMs);
      child.stdin!.end();
      return ended.promise.finally(() => clearTimeout(timer));
    },
    kill,
  };
};
