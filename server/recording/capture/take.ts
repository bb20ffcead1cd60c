/**
 * A take, from the join to the leave: who is heard, on which clock, in which files. The red light is the recorder's
 * presence in the room, so a take is a join, its end is a leave, and nothing reaches the disk outside of the two.
 *
 *   joining ──first sample──▶ capturing ──stop──▶ stopped
 *      │                        │    ▲               ▲
 *      └──stop──▶ stopped     lost  rejoined         │
 *                               ▼    │               │
 *                               away ┴──stop, or too long
 *
 * Sample 0 is the first captured one; in a silent room it is the moment of the join. Everything after is counted from
 * there on the monotonic clock, through reconnects and through the death of the process.
 */
import type { CaptureRoom, LeaveReason, RoomEvents } from './capture-room.ts';
import type { CaptureClock } from './clock.ts';
import { msOfSamples, samplesAt } from './clock.ts';
import type { Limits, TakeOrder, TakeStarted, TakeStopped } from './control.schema.ts';
import type { LiveReplay } from '../replay/live-replay.ts';
import { CaptureError } from './capture-error.ts';
import type { AllowedSpeaker, JournalEntry } from './journal.schema.ts';
import type { TakeGuard } from './take-guard.ts';
import { takeGuard } from './take-guard.ts';
import type { TakePast } from './take-past.ts';
import type { TakePosition } from './take-position.ts';
import { takePosition } from './take-position.ts';
import type { TakeTracks } from './take-tracks.ts';
import { takeTracks } from './take-tracks.ts';
import type { Written } from './track-writer.ts';

const ADVANCE_MS = 100;
const SYNC_MS = 2_000;
const REJOIN_PAUSE_MS = 500;
/** How long the first frame of a published microphone is waited for before the take starts in silence. */
const FIRST_FRAME_MS = 400;

export type TakeDeps = {
  dir: string;
  clock: CaptureClock;
  limits: Pick<Limits, 'rejoinMs'>;
  note: (entry: JournalEntry) => Promise<void>;
  warn: (message: string, error: Error) => void;
  join: (events: RoomEvents) => Promise<CaptureRoom>;
  /** The replay of this take from a sample on; undefined where nothing encodes one. */
  openReplay: (startSample: number, resumed: boolean) => LiveReplay | undefined;
  /** The take has ended, by order or by itself. */
  onStopped: (stopped: TakeStopped) => void;
};

export type TakeState = 'joining' | 'capturing' | 'away' | 'stopping' | 'stopped';

/** Holds the connection to the room and the open files of one take. */
export class Take {
  readonly takeId: string;
  /** Resolves with the first captured sample; rejects when the room cannot be joined or the take is stopped before. */
  readonly started: Promise<TakeStarted>;
  state: TakeState = 'joining';
  readonly #deps: TakeDeps;
  readonly #resolution = Promise.withResolvers<TakeStarted>();
  readonly #position: TakePosition;
  readonly #tracks: TakeTracks;
  readonly #guard: TakeGuard;
  readonly #timers: NodeJS.Timeout[] = [];
  #allowed: ReadonlyMap<string, AllowedSpeaker> = new Map();
  #replay: LiveReplay | undefined;
  #room: CaptureRoom | undefined;
  #joined: Promise<void> = Promise.resolve();
  #stopped: Promise<TakeStopped> | undefined;
  /** The connection is being resumed in place: its streams deliver frames, but nothing is heard. */
  #resuming = false;
  #diskFailed = false;

  /** Joins at once. With a `past` the take goes on where another process was lost. */
  constructor(deps: TakeDeps, order: TakeOrder, past?: TakePast) {
    this.#deps = deps;
    this.takeId = order.takeId;
    const note = (entry: JournalEntry): void => this.#note(entry);
    this.#position = takePosition({ takeId: order.takeId, ordinal: order.ordinal, clock: deps.clock, note, past });
    this.#guard = this.#openGuard();
    this.#tracks = this.#openTracks(past?.epochs ?? new Map());
    this.started = this.#resolution.promise;
    this.started.catch(() => {});
    this.setAllowed(order.allowed);
    this.#joined = this.#join(past !== undefined);
  }

  /** Consent as it stands now: a microphone that is no longer in the list is let go of before this returns. */
  setAllowed(allowed: readonly AllowedSpeaker[]): void {
    this.#allowed = new Map(allowed.map((speaker) => [speaker.identity, speaker]));
    this.#tracks.keepOnly(this.#allowed);
    if (this.#position.anchor() && !this.#over()) this.#guard.noteConsents(allowed);
    this.#room?.refresh();
  }

  /** Resolves when the files that were closed so far are complete. */
  filesClosed(): Promise<void> {
    return this.#tracks.closed();
  }

  /** The replay so far is not to be heard any more; it is built from the tracks when the take has ended. */
  async discardReplay(): Promise<void> {
    await this.#replay?.discard();
  }

  positionMs(): number {
    return msOfSamples(this.#position.nowSample());
  }

  startedAtMs(): number | null {
    return this.#position.anchor()?.wallMs ?? null;
  }

  measures(): { tracks: number; gaps: number; gapMs: number; lagBytes: number; bytesPerSecond: number } {
    const { tracks, gaps, gapSamples, lagBytes } = this.#tracks.measures();
    const away = this.#position.gaps();
    const gapMs = msOfSamples(away.gapSamples + gapSamples);
    return { tracks, gaps: away.gaps + gaps, gapMs, lagBytes, bytesPerSecond: this.#guard.bytesPerSecond() };
  }

  /** Leaves and closes every file; the same promise however often it is asked for. */
  stop(reason: string): Promise<TakeStopped> {
    this.#stopped ??= this.#close(reason);
    return this.#stopped;
  }

  /** Completes the files without an end of the take: another process goes on with it. */
  async handOver(): Promise<void> {
    this.state = 'stopping';
    this.#timers.forEach((timer) => clearTimeout(timer));
    await this.#tracks.closeAll();
    await this.#replay?.abandon();
  }

  #note(entry: JournalEntry): void {
    this.#deps.note(entry).catch((error: Error) => this.#fail(error));
  }

  /** A disk that does not take what is captured ends the take loudly. */
  #fail(error: Error): void {
    if (!this.#diskFailed) this.#deps.warn('the disk did not take what was captured', error);
    this.#diskFailed = true;
    void this.stop('diskFailed');
  }

  #over(): boolean {
    return this.state === 'stopping' || this.state === 'stopped';
  }

  async #join(again: boolean): Promise<void> {
    const deadline = this.#deps.clock.monotonicMs() + this.#deps.limits.rejoinMs;
    while (!this.#over()) {
      try {
        const room = await this.#deps.join(this.#events());
        if (this.#over()) return await room.leave();
        this.#room = room;
        return this.#expectFirstFrame(room);
      } catch (error) {
        if (!again) return this.#giveUp(error);
        if (this.#deps.clock.monotonicMs() > deadline) return void this.stop('mediaLost');
        await new Promise((wake) => setTimeout(wake, REJOIN_PAUSE_MS));
      }
    }
  }

  #giveUp(error: unknown): void {
    this.state = 'stopped';
    this.#resolution.reject(new CaptureError('recording-unavailable', `LiveKit did not let the recorder in: ${error}`));
  }

  #expectFirstFrame(room: CaptureRoom): void {
    if (room.expected() === 0) return this.#arrive(this.#deps.clock.monotonicMs());
    this.#timers.push(setTimeout(() => this.#arrive(this.#deps.clock.monotonicMs()), FIRST_FRAME_MS));
  }

  /** The first sample of the take, or the first after an absence, lies at this moment. */
  #arrive(monotonicMs: number): void {
    if (this.state !== 'joining' && this.state !== 'away') return;
    const fresh = !this.#position.anchor();
    const anchor = this.#position.arrive(monotonicMs);
    this.#tracks.arrive(monotonicMs);
    this.#replay ??= this.#deps.openReplay(samplesAt(anchor, monotonicMs), !fresh);
    if (fresh) this.#guard.noteConsents(this.#allowed.values());
    if (this.state === 'joining') {
      this.#beat();
      this.#resolution.resolve({ takeId: this.takeId, startedAtMs: anchor.wallMs });
    }
    this.state = 'capturing';
  }

  #beat(): void {
    const advance = (): void => {
      this.#guard.look();
      this.#tracks.advance();
      this.#replay?.advance(this.#position.nowSample(), this.#guard.watch.holding(this.#deps.clock.monotonicMs()));
    };
    // Timers run before the frames that a stall held up; setImmediate runs after them.
    this.#timers.push(
      setInterval(() => setImmediate(advance), ADVANCE_MS),
      setInterval(() => this.#sync(), SYNC_MS),
    );
  }

  #sync(): void {
    this.#tracks.sync();
    if (this.state === 'capturing') this.#position.noteProgress();
  }

  #events(): RoomEvents {
    return {
      mayHear: (identity) => !this.#over() && this.#allowed.has(identity),
      onFrame: (identity, trackSid, samples) => this.#hear(identity, trackSid, samples),
      onReception: (trackSid, reception) => this.#tracks.received(trackSid, reception, this.#deps.clock.monotonicMs()),
      onNamed: (identities) => this.#guard.named(identities),
      onTrackGone: (trackSid) => this.#tracks.close(trackSid),
      onMuted: (trackSid, muted) => this.#tracks.has(trackSid) && this.#position.noteMuted(trackSid, muted),
      onReconnecting: () => this.#lose(true),
      onReconnected: () => this.#resume(),
      onDisconnected: (reason) => this.#disconnected(reason),
    };
  }

  #hear(identity: string, trackSid: string, samples: Int16Array): void {
    const allowed = this.#allowed.get(identity);
    if (!allowed || this.#over()) return;
    const arrivedMs = this.#deps.clock.monotonicMs();
    if (!this.#resuming) this.#arrive(arrivedMs - msOfSamples(samples.length));
    this.#tracks.push(trackSid, allowed, this.#position.anchor()!, samples, arrivedMs);
  }

  #openGuard(): TakeGuard {
    const { clock, warn } = this.#deps;
    return takeGuard({
      takeId: this.takeId,
      clock,
      warn,
      mayHear: (identity) => this.#allowed.has(identity),
      room: () => this.#room,
      tracks: () => this.#tracks,
      nowSample: () => this.#position.nowSample(),
      note: (entry) => this.#note(entry),
    });
  }

  #openTracks(epochs: ReadonlyMap<string, number>): TakeTracks {
    const { dir, clock, note } = this.#deps;
    const onFailure = (error: Error): void => this.#fail(error);
    const onWritten: Written = (fromSample, samples) => this.#replay?.add(fromSample, samples);
    const { watch } = this.#guard;
    return takeTracks({ dir, clock, note, takeId: this.takeId, watch, epochs, onWritten, onFailure });
  }

  #resume(): void {
    this.#resuming = false;
    if (this.#room) this.#expectFirstFrame(this.#room);
  }

  #lose(resuming: boolean): void {
    this.#resuming = resuming && this.state === 'capturing';
    if (this.state !== 'capturing') return;
    this.state = 'away';
    this.#position.lose();
    this.#tracks.lose();
  }

  #disconnected(reason: LeaveReason): void {
    if (this.#over()) return;
    this.#room = undefined;
    if (reason !== 'connectionLost') return void this.stop(reason);
    this.#lose(false);
    this.#tracks.letGo();
    this.#joined = this.#join(true);
  }

  async #close(reason: string): Promise<TakeStopped> {
    const { clock } = this.#deps;
    const samples = this.#position.nowSample();
    const anchor = this.#position.anchor();
    const stoppedAtMs = anchor ? anchor.wallMs + msOfSamples(samples) : clock.wallMs();
    if (anchor) this.#position.endAbsence(samples);
    this.state = 'stopping';
    this.#resolution.reject(new CaptureError('recording-not-running', 'The take was stopped before it began.'));
    this.#timers.forEach((timer) => clearTimeout(timer));
    const superseded = reason === 'superseded';
    const replayed = this.#tracks
      .closeAll()
      .then(() => (superseded ? this.#replay?.abandon() : this.#replay?.finish(samples)));
    await Promise.all([this.#room?.leave() ?? this.#joined, this.#tracks.closeAll()]);
    // The disk may fail at the very end, after a stop that was asked for.
    const { takeId } = this;
    const stopped: TakeStopped = { takeId, samples, stoppedAtMs, reason: this.#diskFailed ? 'diskFailed' : reason };
    const line: JournalEntry = { type: 'takeStopped', atMs: stoppedAtMs, takeId, samples, reason: stopped.reason };
    // On a disk that takes nothing more the controller still learns how the take ended.
    // Where another capture took our place the take is not over.
    if (anchor && !superseded) await this.#deps.note(line).catch(() => {});
    await replayed;
    this.state = 'stopped';
    this.#deps.onStopped(stopped);
    return stopped;
  }
}
