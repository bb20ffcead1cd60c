/** Runs takes on their captures: begins and stops them, and puts right what a dead capture or a dead API left behind. */
import type { FastifyBaseLogger } from 'fastify';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { CaptureHandle } from './capture/capture.client.ts';
import type { CaptureStatus, TakeStopped } from './capture/control.schema.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import type { CaptureOwner, Captures } from './captures.ts';
import type { OpenRecordings } from './open-recordings.ts';
import type { TakeBook } from './take-book.ts';
import { isRunning } from './take.ts';
import type { StopOrder, Take } from './take.ts';
import type { Recording, TakesStore } from './takes.store.ts';

type Deps = {
  takes: Pick<TakesStore, 'recording'>;
  open: OpenRecordings;
  captures: Pick<Captures, 'ensure' | 'adopt' | 'kill'>;
  book: TakeBook;
  registry: LiveRegistry;
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  log: FastifyBaseLogger;
  /** How long the first sample of a start is waited for before the capture is taken for dead. */
  startSignalMs?: number;
};

/** How often a take whose capture was lost is taken up again, each time in a new process, before it is closed. */
const RESUME_ATTEMPTS = 2;
const START_SIGNAL_MS = 3_000;

/** Rejects with `capture-lost` when `work` takes longer. */
const answeredWithin = async <T>(work: Promise<T>, ms: number): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const detail = 'The recording process did not say that it records.';
  const timer = setTimeout(() => reject(new Problem('capture-lost', { detail })), ms);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

export const takeRunner = ({ takes, open, captures, book, registry, allowedSpeakers, log, ...deps }: Deps) => {
  const { startSignalMs = START_SIGNAL_MS } = deps;
  const misfits = new Map<string, string>();

  const stopped = () => new Problem('recording-not-running', { detail: 'The take was stopped before it began.' });

  /** Returns when the first sample is captured. Throws `recording-not-running` when the take was ended meanwhile. */
  const begin = async (take: Take, entry: LiveEntry, how: 'startTake' | 'resumeTake' = 'startTake'): Promise<void> => {
    const owner = { recordingId: take.recordingId, liveSessionId: entry.liveSessionId };
    const handle = await captures.ensure(owner);
    if (!book.isWanted(take.id)) throw stopped();
    const order = { takeId: take.id, ordinal: take.ordinal, allowed: allowedSpeakers(owner.liveSessionId) };
    const beginning = handle[how](order);
    const { startedAtMs } = await (how === 'startTake' ? answeredWithin(beginning, startSignalMs) : beginning);
    if (!(await book.move(owner, take.id, { type: 'captured', startedAtMs }))) throw stopped();
  };

  /** Begins a take; a capture that is lost over it, or says nothing, is replaced once by a new one. */
  const start = async (take: Take, entry: LiveEntry): Promise<void> => {
    try {
      await begin(take, entry);
    } catch (error) {
      const isLost = error instanceof Problem && error.code === 'capture-lost';
      if (!isLost || !book.isWanted(take.id)) throw error;
      log.warn({ err: error, recordingId: take.recordingId, takeId: take.id }, 'no start signal: trying once more');
      await captures.kill({ recordingId: take.recordingId, liveSessionId: entry.liveSessionId });
      await begin(take, entry);
    }
  };

  /** Nothing is captured any more when this returns: a capture that does not stop is killed. Answers how the take ended. */
  const silence = async (
    owner: CaptureOwner,
    takeId: string,
    reason: StopOrder = 'stopped',
  ): Promise<TakeStopped | undefined> => {
    try {
      const handle = await captures.adopt(owner);
      const ended = await handle?.stopTake(reason);
      // A capture that never heard of this take answers with the one before
      return ended?.takeId === takeId ? ended : undefined;
    } catch (error) {
      if (error instanceof Problem && error.code === 'recording-not-running') return undefined;
      log.error({ err: error, recordingId: owner.recordingId, takeId }, 'capture did not stop: killing it');
      await captures.kill(owner);
    }
  };

  const stop = async (owner: CaptureOwner, take: Take, reason: StopOrder = 'stopped'): Promise<void> => {
    // Not waited for: a database that is away, or slow, keeps nobody from stopping
    const asked = book.move(owner, take.id, { type: 'stopAsked', reason });
    const ended = await silence(owner, take.id, reason);
    await asked;
    if (ended) await book.close(owner, ended);
    else await book.closeFromJournal(owner, take.id);
  };

  const runningTake = async (recordingId: string): Promise<Take | undefined> =>
    (open.byId(recordingId) ?? (await takes.recording(recordingId)))?.takes.find(isRunning);

  /** A capture died: while its session lives the take goes on in a new one, with the gap listed. */
  const resume = async (owner: CaptureOwner, attempts = RESUME_ATTEMPTS): Promise<void> => {
    const take = await runningTake(owner.recordingId);
    if (!take) return;
    const entry = registry.byId(owner.liveSessionId);
    const over = !entry || take.state === 'closing' || (await book.isStopped(owner, take.id));
    if (over) return book.closeFromJournal(owner, take.id);
    if (attempts === 0) return stop(owner, take);
    log.warn({ recordingId: owner.recordingId, takeId: take.id }, 'capture lost: starting it again');
    try {
      await begin(take, entry, take.state === 'starting' ? 'startTake' : 'resumeTake');
    } catch (error) {
      log.error({ err: error, recordingId: owner.recordingId, takeId: take.id }, 'capture could not be started again');
      await captures.kill(owner);
      await resume(owner, attempts - 1);
    }
  };

  const followUp = async (owner: CaptureOwner, take: Take, handle: CaptureHandle): Promise<void> => {
    const { takeId, startedAtMs, lastStopped } = await handle.status();
    if (lastStopped?.takeId === take.id) return book.close(owner, lastStopped);
    if (take.state === 'closing') return stop(owner, take, take.stopReason === 'paused' ? 'paused' : 'stopped');
    if (takeId !== take.id || startedAtMs === null) return resume(owner);
    await book.move(owner, take.id, { type: 'captured', startedAtMs });
    await handle.setAllowed(allowedSpeakers(owner.liveSessionId));
  };

  /** After a restart of the API: takes hold of the surviving capture of a live session, or starts it again. */
  const adopt = async ({ id: recordingId, liveSessionId, takes: known }: Recording): Promise<void> => {
    const owner = { recordingId, liveSessionId };
    const handle = await captures.adopt(owner);
    const take = known.find(isRunning);
    if (!take) return;
    if (handle) await followUp(owner, take, handle);
    else await resume(owner);
  };

  /**
   * Every second, what the capture says it does. A take that began is lit; one that nobody wants, twice in a row (the
   * first may have been said before the stop was heard), is stopped.
   */
  const heartbeat = async (owner: CaptureOwner, { takeId, startedAtMs, state }: CaptureStatus): Promise<void> => {
    const take = takeId === null ? undefined : open.take(takeId);
    const isMisfit = takeId !== null && state !== 'stopping' && take !== undefined && !isRunning(take);
    const again = isMisfit && misfits.get(owner.recordingId) === takeId;
    if (isMisfit) misfits.set(owner.recordingId, takeId);
    else misfits.delete(owner.recordingId);
    if (again) {
      log.error({ recordingId: owner.recordingId, takeId }, 'captured although it was stopped: stopping it');
      await silence(owner, takeId);
    } else if (take?.state === 'starting' && startedAtMs !== null) {
      await book.move(owner, take.id, { type: 'captured', startedAtMs });
    }
  };

  return { start, silence, stop, resume: (owner: CaptureOwner) => resume(owner), adopt, heartbeat };
};

export type TakeRunner = ReturnType<typeof takeRunner>;
