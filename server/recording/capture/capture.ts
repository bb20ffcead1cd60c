/**
 * One recording's capture, warm from its start: it has loaded everything, listens on its socket and has joined nothing.
 * Takes come and go by its controller's orders; when the controller disappears the running take goes on, and the next
 * controller asks for the status.
 */
import { join } from 'node:path';
import { liveReplay } from '../replay/live-replay.ts';
import { CaptureError } from './capture-error.ts';
import { joinRoom } from './capture-room.ts';
import type { CaptureClock } from './clock.ts';
import { samplesOfMs } from './clock.ts';
import type {
  CaptureEvent,
  CaptureRequest,
  CaptureStatus,
  MarkSet,
  StartUp,
  TakeOrder,
  TakeStarted,
  TakeStopped,
} from './control.schema.ts';
import { diskGauge } from './disk-gauge.ts';
import type { DiskGauge } from './disk-gauge.ts';
import type { AllowedSpeaker } from './journal.schema.ts';
import type { Journal } from './journal.ts';
import { readJournal } from './journal.ts';
import { JOURNAL_FILE, measureTracks } from './measure-tracks.ts';
import type { TakePast } from './take-past.ts';
import { takePast } from './take-past.ts';
import type { TakeDeps } from './take.ts';
import { Take } from './take.ts';
import { takesWith, withdrawSeat } from './withdraw.ts';
import { withdrawalsIn } from './withdrawals.ts';
import { diskRefusal } from './watchdog.ts';

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
  readonly #disk: DiskGauge;
  #take: Take | undefined;
  #lastStopped: TakeStopped | null = null;
  #creating: Promise<unknown> = Promise.resolve();
  /** Consent rows under which nothing is captured any more. */
  readonly #withdrawn: Set<string>;
  #allowed: AllowedSpeaker[] = [];

  constructor(deps: CaptureDeps) {
    this.#deps = deps;
    this.#disk = diskGauge(deps.startUp.dir, deps.clock);
    this.#withdrawn = new Set(withdrawalsIn(deps.journal.past.entries).covered);
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
      case 'mark':
        return this.#mark(request.markId, request.label);
      case 'withdraw':
        return this.#withdraw(request.seatId, request.erase);
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
      freeBytes: await this.#disk.freeBytes(),
      lastStopped: this.#lastStopped,
    };
  }

  /** A take that is being made was ordered with the consent before: it hears of the new one as soon as it is there. */
  async #setAllowed(allowed: AllowedSpeaker[]): Promise<void> {
    await this.#creating;
    this.#allow(allowed);
    this.#take?.setAllowed(this.#allowed);
  }

  /** An order may have been on its way while somebody took their voice back. */
  #allow(allowed: AllowedSpeaker[]): void {
    this.#allowed = allowed.filter(({ consentId }) => !this.#withdrawn.has(consentId));
  }

  /** A mark lies where the take stands when it is asked for. */
  async #mark(markId: string, label: string): Promise<MarkSet> {
    await this.#creating;
    const take = this.#take;
    if (!take || take.startedAtMs() === null) throw new CaptureError('recording-not-running', 'No take is running.');
    const { clock, journal } = this.#deps;
    const { takeId } = take;
    const atMs = take.positionMs();
    const atSample = samplesOfMs(atMs);
    await journal.append({ type: 'mark', atMs: clock.wallMs(), takeId, markId, atSample, label });
    return { takeId, atMs };
  }

  async #withdraw(seatId: string, erase: boolean): Promise<void> {
    await this.#creating;
    const { startUp, journal, clock } = this.#deps;
    const take = this.#take;
    for (const speaker of this.#allowed) if (speaker.seatId === seatId) this.#withdrawn.add(speaker.consentId);
    this.#allow(this.#allowed);
    take?.setAllowed(this.#allowed);
    await take?.filesClosed();
    const { entries } = await readJournal(join(startUp.dir, JOURNAL_FILE));
    if (take && takesWith(seatId, entries).has(take.takeId)) await take.discardReplay();
    await withdrawSeat(startUp.dir, journal, { seatId, erase, atMs: clock.wallMs() });
  }

  /** Stops the running take; when none runs and one ended before, answers that one: a stop may come too late. */
  async stopTake(reason: string): Promise<TakeStopped> {
    await this.#creating;
    if (this.#take) return this.#take.stop(reason);
    if (this.#lastStopped) return this.#lastStopped;
    throw new CaptureError('recording-not-running', 'No take is running.');
  }

  /** Leaves the running take open for another process, with all that has come of it on the disk. */
  async handOver(): Promise<void> {
    await this.#creating;
    await this.#take?.handOver();
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
    if (!resume) await this.#refuseWithoutSpace(order);
    this.#allow(order.allowed);
    const past = resume ? await this.#pastOf(order.takeId) : undefined;
    const { dir, ffmpegBin, limits } = startUp;
    const { warn } = this.#deps;
    const { takeId } = order;
    const deps: TakeDeps = {
      dir,
      clock,
      limits,
      note: journal.append,
      warn,
      join: (events) => joinRoom(startUp.livekitUrl, startUp.token, events),
      openReplay: (startSample, resumed) =>
        ffmpegBin ? liveReplay({ dir, takeId, ffmpegBin, warn }, startSample, resumed) : undefined,
      onStopped: (stopped) => this.#stopped(stopped),
    };
    this.#take = new Take(deps, { ...order, allowed: this.#allowed }, past);
    void this.#announce(this.#take);
    return this.#take;
  }

  /** A take that goes on has its space, until the watchdog says otherwise. */
  async #refuseWithoutSpace({ allowed }: TakeOrder): Promise<void> {
    const disk = { freeBytes: await this.#disk.freeBytes(), fillsPerSecond: this.#disk.fillsPerSecond() };
    const refusal = diskRefusal({ ...disk, speakers: allowed.length }, this.#deps.startUp.limits);
    if (refusal !== undefined) throw new CaptureError('disk-full', refusal);
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
