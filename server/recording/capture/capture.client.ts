/**
 * The API's side of a capture: starting the process, finding it again after the API was away, and talking to it. The
 * process is detached; losing this client never stops a take.
 */
import { spawn } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Problem } from '../../problems.ts';
import type { CaptureHandle } from './capture-handle.ts';
import { captureHandle } from './capture-handle.ts';
import type { Pointer, StartUp } from './control.schema.ts';
import { POINTER_FILE, PointerSchema } from './control.schema.ts';
import { writeLine } from './json-lines.ts';
import { processStartTime } from './process-start.ts';

export type { CaptureHandle } from './capture-handle.ts';

const CAPTURE_MAIN = fileURLToPath(new URL('./capture.main.ts', import.meta.url));
const WARM_TIMEOUT_MS = 5_000;
const LOOK_MS = 20;
/** The child's log, in the recording's folder. */
const LOG_FILE = 'capture.log';

const connect = (socketPath: string): Promise<ReturnType<typeof createConnection>> => {
  const socket = createConnection(socketPath);
  const { promise, resolve, reject } = Promise.withResolvers<typeof socket>();
  socket.once('connect', () => resolve(socket));
  socket.once('error', reject);
  return promise;
};

const tailOf = async (path: string): Promise<string> =>
  (await readFile(path, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' ');

/**
 * Starts a capture and waits until it is warm: everything loaded, nothing joined. Throws the Problem
 * `recording-unavailable` with the end of the child's log when it is not there within 5 s.
 */
export const spawnCapture = async (startUp: StartUp): Promise<CaptureHandle> => {
  const logPath = join(startUp.dir, LOG_FILE);
  const log = await open(logPath, 'a', 0o600);
  const child = spawn(process.execPath, [CAPTURE_MAIN], {
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
    // rtc-node writes debug lines unless NODE_ENV says production; nothing else of our environment is its business.
    env: { NODE_ENV: 'production' },
  });
  await log.close();
  child.unref();
  // Without a listener a failed spawn would end this process; the loop below sees it.
  child.on('error', () => {});
  child.stdin!.on('error', () => {});
  writeLine(child.stdin!, startUp);
  const deadline = performance.now() + WARM_TIMEOUT_MS;
  while (performance.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const handle = await adoptCapture(startUp.dir, child.pid);
    if (handle) return handle;
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
  }
  child.kill('SIGKILL');
  throw new Problem('recording-unavailable', { detail: `The capture did not start. ${await tailOf(logPath)}` });
};

/** Where the living capture of a folder is found; a pointer left by a dead process is removed. */
const livingPointer = async (dir: string, pid?: number): Promise<Pointer | undefined> => {
  const path = join(dir, POINTER_FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const pointer = z
    .string()
    .transform((json) => PointerSchema.parse(JSON.parse(json)))
    .safeParse(text).data;
  if (!pointer || (pid !== undefined && pointer.pid !== pid)) return undefined;
  if ((await processStartTime(pointer.pid)) === pointer.startTime) return pointer;
  await rm(path, { force: true });
  return undefined;
};

/**
 * Finds the living capture of a recording's folder and connects to it; undefined when there is none. With `pid`, only
 * that process will do.
 */
export const adoptCapture = async (dir: string, pid?: number): Promise<CaptureHandle | undefined> => {
  const pointer = await livingPointer(dir, pid);
  const socket = pointer && (await connect(pointer.socketPath).catch(() => undefined));
  return socket && captureHandle(socket, pointer.pid);
};

/** Ends the capture of a folder at once, if one lives: its journal and files hold all but the last instants. */
export const killCapture = async (dir: string): Promise<void> => {
  const pointer = await livingPointer(dir);
  if (!pointer) return;
  try {
    process.kill(pointer.pid, 'SIGKILL');
  } catch {
    // It has ended by itself in this very moment.
  }
};
