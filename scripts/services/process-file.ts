/* Pid files: what a part was started as, so that the next launcher can adopt it or end it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAlive } from '../launch/processes.mjs';
import type { ProcessMark } from '../launch/processes.mjs';

/** A process with a fingerprint of everything it was started with. */
export type ProcessRecord = ProcessMark & { port: number; fingerprint: string };

/** The record, when it is readable and its process still lives. */
export const livingRecord = (path: string): ProcessRecord | undefined => {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
};

export const writeRecord = (path: string, record: ProcessRecord): void => {
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

const wait = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Waits until the process is gone; false when `timeoutMs` was not enough. */
export const waitForEnd = async (mark: ProcessMark, timeoutMs: number): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(mark)) {
    if (performance.now() > deadline) return false;
    await wait(25);
  }
  return true;
};

const send = (mark: ProcessMark, signal: NodeJS.Signals): void => {
  try {
    if (isAlive(mark)) process.kill(mark.pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
};

/** SIGTERM, again after `secondMs` if given, and SIGKILL after `graceMs`. Returns when the process is gone. */
export const endProcess = async (
  mark: ProcessMark,
  { graceMs, secondMs }: { graceMs: number; secondMs?: number },
): Promise<void> => {
  send(mark, 'SIGTERM');
  if (secondMs !== undefined && !(await waitForEnd(mark, secondMs))) send(mark, 'SIGTERM');
  if (await waitForEnd(mark, graceMs - (secondMs ?? 0))) return;
  send(mark, 'SIGKILL');
  await waitForEnd(mark, 2000);
};

/** Resolves when the process is gone, looked at four times a second; `signal` ends the watch. */
export const whenGone = async (mark: ProcessMark, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted && isAlive(mark)) await wait(250);
};
