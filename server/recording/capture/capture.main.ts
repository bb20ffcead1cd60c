/**
 * The process of one recording's capture. It is told what to do by one JSON line on stdin (the recorder's token never
 * stands in argv or on the disk), leaves `capture.json` in the recording's folder so that it is found again, and lives
 * in a session of its own until it is told to finish or judges so itself.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Capture } from './capture.ts';
import { leaveForGood } from './capture-room.ts';
import { systemClock } from './clock.ts';
import type { CaptureEvent, Pointer, StartUp } from './control.schema.ts';
import { POINTER_FILE, StartUpSchema } from './control.schema.ts';
import type { ControlSocket } from './control-socket.ts';
import { listenForControl } from './control-socket.ts';
import { replaceFile } from '../../platform/durable.ts';
import { openJournal } from './journal.ts';
import { JOURNAL_FILE } from './measure-tracks.ts';
import { processStartTime } from './process-start.ts';
import { judge } from './watchdog.ts';

const HEARTBEAT_MS = 1_000;
/** A disk that is slow must not keep a process alive that has grown too large. */
const HAND_OVER_MS = 500;

/** The log is a file in the recording's folder: ids and reasons, never the token. */
const log = (message: string, fields: object = {}): void => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), message, ...fields })}\n`);
};

/** The pipe is closed as soon as the line is read: a server that dies would break it, and must not break us. */
const readStartUp = async (): Promise<StartUp> => {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return StartUpSchema.parse(JSON.parse(line));
  } finally {
    process.stdin.destroy();
  }
  throw new Error('no start-up line on stdin');
};

const writePointer = async (startUp: StartUp): Promise<void> => {
  const startTime = (await processStartTime(process.pid)) ?? '';
  const pointer: Pointer = { pid: process.pid, startTime, socketPath: startUp.socketPath, startedAtMs: Date.now() };
  await replaceFile(join(startUp.dir, POINTER_FILE), JSON.stringify(pointer));
};

/** Everything that one capture's process holds, opened in order. */
const openCapture = async (startUp: StartUp) => {
  const clock = systemClock();
  await mkdir(join(startUp.dir, 'raw'), { recursive: true, mode: 0o700 });
  const journal = await openJournal(join(startUp.dir, JOURNAL_FILE));
  const { recordingId } = startUp;
  await journal.append({ type: 'captureStarted', atMs: clock.wallMs(), recordingId, pid: process.pid });
  const held: { socket?: ControlSocket } = {};
  const emit = (event: CaptureEvent): void => {
    if (event.event !== 'heartbeat') log(event.event, event);
    held.socket?.broadcast(event);
  };
  const leave = async (reason: string): Promise<never> => {
    log('captureStopped', { reason });
    // Another capture has this recording: journal, pointer and socket are its own now.
    if (reason === 'superseded') process.exit(0);
    await journal.append({ type: 'captureStopped', atMs: clock.wallMs(), reason }).catch(() => {});
    await rm(join(startUp.dir, POINTER_FILE), { force: true });
    await held.socket?.close();
    await leaveForGood();
    process.exit(0);
  };
  const warn = (message: string, error: Error): void => log(message, { error: String(error) });
  // The answer to `finish` goes out before the sockets are closed.
  const onFinish = (reason: string): void => void setImmediate(() => void leave(reason));
  const capture = new Capture({ startUp, clock, journal, emit, warn, onFinish });
  held.socket = await listenForControl(startUp.socketPath, (request) => capture.handle(request));
  return { capture, clock, emit, socket: held.socket };
};

const run = async (startUp: StartUp): Promise<void> => {
  const { capture, clock, emit, socket } = await openCapture(startUp);
  let wantedMs = clock.monotonicMs();
  // A room may be live for hours before its host records
  let recordsFromMs: number | undefined;
  const beat = async (): Promise<void> => {
    const status = await capture.status();
    emit({ event: 'heartbeat', status });
    const nowMs = clock.monotonicMs();
    if (capture.hasTake() || socket.controllers() > 0) wantedMs = nowMs;
    if (capture.hasTake()) recordsFromMs ??= nowMs;
    const [ageMs, unwantedMs] = [nowMs - (recordsFromMs ?? nowMs), nowMs - wantedMs];
    const verdict = judge({ ...status, ageMs, unwantedMs }, startUp.limits);
    if (!verdict) return;
    // A process that only grew too large leaves its take open: another one resumes it.
    if (verdict !== 'memoryHigh') await capture.finish(verdict);
    else await Promise.race([capture.handOver(), sleep(HAND_OVER_MS)]);
    emit({ event: 'lost', reason: verdict });
    if (verdict === 'memoryHigh') process.exit(1);
  };
  setInterval(() => void beat().catch((error) => log('heartbeat failed', { error: String(error) })), HEARTBEAT_MS);
  process.on('SIGTERM', () => void capture.finish('terminated'));
  process.on('SIGINT', () => void capture.finish('terminated'));
  await writePointer(startUp);
  log('warm', { recordingId: startUp.recordingId });
};

process.on('SIGHUP', () => {});
process.on('unhandledRejection', (error) => log('unhandled rejection', { error: String(error) }));
await run(await readStartUp());
