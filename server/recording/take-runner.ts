/** Runs takes on their captures: begins and stops them, and puts right what a dead capture or a dead API left behind. */
import type { FastifyBaseLogger } from 'fastify';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { CaptureHandle } from './capture/capture.client.ts';
import type { TakeStopped } from './capture/control.schema.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import type { CaptureOwner, Captures } from './captures.ts';
import type { TakeBook } from './take-book.ts';
import { isRunning } from './take.ts';
import type { Take } from './take.ts';
import type { Recording, TakesStore } from './takes.store.ts';

type Deps = {
  takes: TakesStore;
  captures: Pick<Captures, 'ensure' | 'adopt' | 'kill'>;
  book: TakeBook;
  registry: LiveRegistry;
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  log: FastifyBaseLogger;
};

/** How often a take whose capture was lost is taken up again, each time in a new process, before it is closed. */
const RESUME_ATTEMPTS = 2;

export const takeRunner = ({ takes, captures, book, registry, allowedSpeakers, log }: Deps) => {
  /** Returns when the first sample is captured. Throws `recording-not-running` when the take was ended meanwhile. */
  const begin = async (take: Take, entry: LiveEntry, how: 'startTake' | 'resumeTake' = 'startTake'): Promise<void> => {
    const { liveSessionId } = entry;
    const handle = await captures.ensure({ recordingId: take.recordingId, liveSessionId });
    const order = { takeId: take.id, ordinal: take.ordinal, allowed: allowedSpeakers(liveSessionId) };
    const { startedAtMs } = await handle[how](order);
    if (await book.move(take.id, liveSessionId, { type: 'captured', startedAtMs })) return;
    throw new Problem('recording-not-running', { detail: 'The take was stopped before it began.' });
  };

  /** Nothing is captured any more when this returns: a capture that does not stop is killed. Answers how the take ended. */
  const silence = async (owner: CaptureOwner, takeId: string): Promise<TakeStopped | undefined> => {
    try {
      const handle = await captures.adopt(owner);
      const stopped = await handle?.stopTake();
      // A capture that never heard of this take answers with the one before
      return stopped?.takeId === takeId ? stopped : undefined;
    } catch (error) {
      if (error instanceof Problem && error.code === 'recording-not-running') return undefined;
      log.error({ err: error, recordingId: owner.recordingId, takeId }, 'capture did not stop: killing it');
      await captures.kill(owner);
    }
  };

  const stop = async (owner: CaptureOwner, take: Take): Promise<void> => {
    await book.move(take.id, owner.liveSessionId, { type: 'stopAsked' });
    const stopped = await silence(owner, take.id);
    if (stopped) await book.close(owner, stopped);
    else await book.closeFromJournal(owner, take.id);
  };

  /** A capture died: while its session lives the take goes on in a new one, with the gap listed. */
  const resume = async (owner: CaptureOwner, attempts = RESUME_ATTEMPTS): Promise<void> => {
    const take = (await takes.recording(owner.recordingId))?.takes.find(isRunning);
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
    if (take.state === 'closing') return stop(owner, take);
    if (takeId !== take.id || startedAtMs === null) return resume(owner);
    await book.move(take.id, owner.liveSessionId, { type: 'captured', startedAtMs });
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

  return { begin, silence, stop, resume: (owner: CaptureOwner) => resume(owner), adopt };
};

export type TakeRunner = ReturnType<typeof takeRunner>;
