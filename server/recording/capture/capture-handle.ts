/** A connection to one capture: requests with answers in time, events as they come. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { Problem } from '../../problems.ts';
import type {
  CaptureEvent,
  CaptureMessage,
  CaptureOrder,
  CaptureStatus,
  MarkSet,
  TakeOrder,
  TakeStarted,
  TakeStopped,
} from './control.schema.ts';
import {
  CaptureMessageSchema,
  CaptureStatusSchema,
  MarkSetSchema,
  TakeStartedSchema,
  TakeStoppedSchema,
} from './control.schema.ts';
import type { AllowedSpeaker } from './journal.schema.ts';
import { readLines, writeLine } from './json-lines.ts';

const ANSWER_MS = 3_000;
/** Joining takes 150 ms when all is well; the capture itself gives up after 4 s. */
const START_MS = 5_000;
const STOP_MS = 10_000;
/** The heartbeat comes every second. */
const SILENCE_MS = 5_000;

export type CaptureHandle = {
  pid: number;
  status: () => Promise<CaptureStatus>;
  /** Joins and captures; resolves with the first captured sample. The same take again gives the same answer. */
  startTake: (take: TakeOrder) => Promise<TakeStarted>;
  /** Goes on with a take that another process lost: same timeline, the absence listed as a gap. */
  resumeTake: (take: TakeOrder) => Promise<TakeStarted>;
  /** Who may be captured from now on; in force when this resolves. */
  setAllowed: (allowed: AllowedSpeaker[]) => Promise<void>;
  /** Sets a mark at this moment of the running take; rejects with `recording-not-running` when none runs. */
  mark: (markId: string, label: string) => Promise<MarkSet>;
  /**
   * This seat's voice is in no master and no replay from now on, and captured no more under the consent it had; with
   * `erase` its files are gone when this resolves. The journal has the line either way.
   */
  withdraw: (seatId: string, erase: boolean) => Promise<void>;
  /** Leaves (the light goes off), closes the files and completes the replay; during a start it calls the start off. */
  stopTake: (reason?: 'stopped' | 'paused') => Promise<TakeStopped>;
  /** Stops the take and ends the process. */
  finish: () => Promise<TakeStopped | null>;
  onEvent: (listen: (event: CaptureEvent) => void) => void;
  /** Once: the process is gone, silent for 5 s, or has said that it ends (not after `finish`). The take may want to be resumed. */
  onGone: (listen: (reason: string) => void) => void;
  /** Lets go of the connection; the capture goes on. */
  detach: () => void;
};

type Waiting = { resolve: (result: unknown) => void; reject: (error: Problem) => void };

/** Timers come due before what a stalled process has not read yet: it is read first, then judged. */
const afterReading = (judge: () => void): void => void setImmediate(judge);

const connection = (socket: Socket) => {
  const waiting = new Map<number, Waiting>();
  const events = new EventEmitter();
  let lastId = 0;
  let over = false;

  const lose = (reason: string): void => {
    if (over) return;
    over = true;
    clearTimeout(silence);
    socket.destroy();
    const problem = new Problem('capture-lost', { detail: `The capture is gone: ${reason}.` });
    waiting.forEach(({ reject }) => reject(problem));
    waiting.clear();
    events.emit('gone', reason);
  };
  let heardMs = performance.now();
  const judgeSilence = (): void => {
    if (performance.now() - heardMs >= SILENCE_MS) lose('silent');
    else if (!over) silence.refresh();
  };
  const silence = setTimeout(() => afterReading(judgeSilence), SILENCE_MS);

  const receive = (message: CaptureMessage): void => {
    heardMs = performance.now();
    silence.refresh();
    if ('event' in message) {
      events.emit('event', message);
      return message.event === 'lost' ? lose(message.reason) : undefined;
    }
    const { resolve, reject } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.ok) resolve?.(message.result);
    else reject?.(new Problem(message.failure.code, { detail: message.failure.detail }));
  };
  readLines(socket, CaptureMessageSchema, receive);
  socket.on('error', () => lose('exited'));
  socket.on('close', () => lose('exited'));

  const request = async (order: CaptureOrder, withinMs = ANSWER_MS): Promise<unknown> => {
    if (over) throw new Problem('capture-lost', { detail: 'The capture is gone.' });
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const late = new Problem('recording-unavailable', { detail: `The capture did not answer ${order.do} in time.` });
    const timer = setTimeout(() => afterReading(() => reject(late)), withinMs);
    waiting.set(id, { resolve, reject });
    writeLine(socket, { id, ...order });
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(id);
    });
  };
  const release = (): void => {
    over = true;
    clearTimeout(silence);
    socket.destroy();
  };
  return { request, events, lose, release };
};

export const captureHandle = (socket: Socket, pid: number): CaptureHandle => {
  const { request, events, release } = connection(socket);
  return {
    pid,
    status: async () => CaptureStatusSchema.parse(await request({ do: 'status' })),
    startTake: async (take) => TakeStartedSchema.parse(await request({ do: 'startTake', take }, START_MS)),
    resumeTake: async (take) => TakeStartedSchema.parse(await request({ do: 'resumeTake', take }, START_MS)),
    setAllowed: async (allowed) => void (await request({ do: 'setAllowed', allowed })),
    mark: async (markId, label) => MarkSetSchema.parse(await request({ do: 'mark', markId, label })),
    withdraw: async (seatId, erase) => void (await request({ do: 'withdraw', seatId, erase }, STOP_MS)),
    stopTake: async (reason = 'stopped') => TakeStoppedSchema.parse(await request({ do: 'stopTake', reason }, STOP_MS)),
    finish: async () => {
      const stopped = z.nullable(TakeStoppedSchema).parse(await request({ do: 'finish' }, STOP_MS));
      release();
      return stopped;
    },
    onEvent: (listen) => void events.on('event', listen),
    onGone: (listen) => void events.once('gone', listen),
    detach: release,
  };
};
