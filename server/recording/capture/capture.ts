/**
 * One recording's capture, warm from its start: it has loaded everything, listens on its socket and has joined nothing.
 * Takes come and go by its controller's orders; when the controller disappears the running take goes on, and the next
 * controller asks for the status.
 */
import { join } from 'node:path';
import { CaptureError } from './capture-error.ts';
import { joinRoom } from './capture-room.ts';
import type { CaptureClock } from './clock.ts';
import type {
  CaptureEvent,
  CaptureRequest,
  CaptureStatus,
  StartUp,
  TakeOrder,
  TakeStarted,
  TakeStopped,
} from './control.schema.ts';
import type { AllowedSpeaker } from './journal.schema.ts';
import type { Journal } from './journal.ts';
import { readJournal } from './journal.ts';
import { JOURNAL_FILE, measureTracks } from './measure-tracks.ts';
import type { TakePast } from './take-past.ts';
import { takePast } from './take-past.ts';
import type { TakeDeps } from './take.ts';
import { Take } from './take.ts';
import { freeBytesAt } from './watchdog.ts';

export type CaptureDeps = {
  startUp: StartUp;
  clock: CaptureClock;
  journal: Journal;
  emit: (event: CaptureEvent) => void;
  /** Into the log of the process. */
  warn: (message: string, error: Error) => void;
  /** Ends the process, after the answer to the request is out. */
  onFinish: (reason: string) => void;
};

/** Holds the one take that may run. */
export class Capture {
  readonly #deps: CaptureDeps;
  #take: Take | undefined;
  #lastStopped: TakeStopped | null = null;
  #creating: Promise<unknown> = Promise.resolve();

  constructor(deps: CaptureDeps) {
    this.#deps = deps;
  }

  hasTake(): boolean {
    return this.#take !== undefined;
  }

  async handle(request: CaptureRequest): Promise<unknown> {
    switch (request.do) {
      case 'status':
        return this.status();
      case 'startTake':
        return this.#start(request.take, false);
      case 'resumeTake':
        return this.#start(request.take, true);
      case 'setAllowed':
        return this.#setAllowed(request.allowed);
      case 'stopTake':
        return this.stopTake(request.reason);
      case 'finish':
        return this.finish('finished');
    }
  }

  async status(): Promise<CaptureStatus> {
    const take = this.#take;
    return {
      state: take === undefined || take.state === 'stopped' ? 'warm' : take.state,
      recordingId: this.#deps.startUp.recordingId,
      pid: process.pid,
      takeId: take?.takeId ?? null,
      startedAtMs: take?.startedAtMs() ?? null,
      positionMs: take?.positionMs() ?? 0,
      ...(take?.measures() ?? { tracks: 0, gaps: 0, gapMs: 0, lagBytes: 0, bytesPerSecond: 0 }),
      rssBytes: process.memoryUsage.rss(),
      // A folder that is gone, or a disk that does not answer, has no space: the watchdog ends the capture.
      freeBytes: await freeBytesAt(this.#deps.startUp.dir).catch(() => 0),
      lastStopped: this.#lastStopped,
    };
  }

  /** A take that is being made was ordered with the consent before: it hears of the new one as soon as it is there. */
  async #setAllowed(allowed: AllowedSpeaker[]): Promise<void> {
    await this.#creating;
    this.#take?.setAllowed(allowed);
  }

  /** Stops the running take; when none runs and one ended before, answers that one: a stop may come too late. */
  async stopTake(reason: string): Promise<TakeStopped> {
    await this.#creating;
    if (this.#take) return this.#take.stop(reason);
    if (this.#lastStopped) return this.#lastStopped;
    throw new CaptureError('recording-not-running', 'No take is running.');
  }

  async finish(reason: string): Promise<TakeStopped | null> {
    await this.#creating;
    await this.#take?.stop(reason);
    this.#deps.onFinish(reason);
    return this.#lastStopped;
  }

  async #start(order: TakeOrder, resume: boolean): Promise<TakeStarted> {
    const creating = this.#creating.then(() => this.#create(order, resume));
    this.#creating = creating.catch(() => {});
    return (await creating).started;
  }

  /** One after the other, so that two starts at once find each other. */
  async #create(order: TakeOrder, resume: boolean): Promise<Take> {
    if (this.#take?.takeId === order.takeId) return this.#take;
    if (this.#take) throw new CaptureError('recording-running', 'Another take is running.');
    const { startUp, clock, journal } = this.#deps;
    if ((await freeBytesAt(startUp.dir)) < startUp.limits.startFreeBytes) {
      throw new CaptureError('disk-full', `Less than ${startUp.limits.startFreeBytes >> 20} MiB are free.`);
    }
    const past = resume ? await this.#pastOf(order.takeId) : undefined;
    const deps: TakeDeps = {
      dir: startUp.dir,
      clock,
      limits: startUp.limits,
      note: journal.append,
      warn: this.#deps.warn,
      join: (events) => joinRoom(startUp.livekitUrl, startUp.token, events),
      onStopped: (stopped) => this.#stopped(stopped),
    };
    this.#take = new Take(deps, order, past);
    void this.#announce(this.#take);
    return this.#take;
  }

  async #announce(take: Take): Promise<void> {
    try {
      this.#deps.emit({ event: 'takeStarted', started: await take.started });
    } catch {
      if (this.#take === take) this.#take = undefined;
    }
  }

  async #pastOf(takeId: string): Promise<TakePast | undefined> {
    const { dir } = this.#deps.startUp;
    const { entries } = await readJournal(join(dir, JOURNAL_FILE));
    if (entries.some((entry) => entry.type === 'takeStopped' && entry.takeId === takeId)) {
      throw new CaptureError('recording-not-running', 'This take has ended.');
    }
    const past = takePast(takeId, entries, await measureTracks(dir, entries), this.#deps.clock);
    const atMs = this.#deps.clock.wallMs();
    if (past) await this.#deps.journal.append({ type: 'restarted', atMs, takeId, pid: process.pid });
    return past;
  }

  #stopped(stopped: TakeStopped): void {
    this.#take = undefined;
    this.#lastStopped = stopped;
    this.#deps.emit({ event: 'takeStopped', stopped });
    if (stopped.reason === 'superseded') this.#deps.onFinish('superseded');
  }
}
