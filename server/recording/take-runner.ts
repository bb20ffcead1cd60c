/** Runs takes on their captures: begins and stops them, and puts right what a dead capture or a dead API left behind. */
import type { FastifyBaseLogger } from 'fastify';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { CaptureHandle } from './capture/capture.client.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import type { CaptureOwner, Captures } from './captures.ts';
import type { TakeBook } from './take-book.ts';
import { isRunning } from './take.ts';
import type { Take } from './take.ts';
import type { Recording, TakesStore } from './takes.store.ts';

type Deps = {
  takes: TakesStore;
  captures: Captures;
  book: TakeBook;
  registry: LiveRegistry;
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  log: FastifyBaseLogger;
};

export const takeRunner = ({ takes, captures, book, registry, allowedSpeakers, log }: Deps) => {
  /** Returns when the first sample is captured. */
  const begin = async (take: Take, entry: LiveEntry, how: 'startTake' | 'resumeTake' = 'startTake'): Promise<void> => {
    const { liveSessionId } = entry;
    const handle = await captures.ensure({ recordingId: take.recordingId, liveSessionId });
    const order = { takeId: take.id, ordinal: take.ordinal, allowed: allowedSpeakers(liveSessionId) };
    const { startedAtMs } = await handle[how](order);
    await book.move(take.id, liveSessionId, { type: 'captured', startedAtMs });
  };

  const stop = async (owner: CaptureOwner, take: Take): Promise<void> => {
    await book.move(take.id, owner.liveSessionId, { type: 'stopAsked' });
    try {
      const handle = await captures.adopt(owner);
      if (!handle) return await book.closeFromJournal(owner, take.id);
      await book.close(owner, await handle.stopTake());
    } catch (error) {
      log.error({ err: error, recordingId: owner.recordingId, takeId: take.id }, 'take did not stop cleanly');
      await book.closeFromJournal(owner, take.id);
    }
  };

  /** A capture died: while its session lives the take goes on in a new one, with the gap listed. */
  const resume = async (owner: CaptureOwner): Promise<void> => {
    const take = (await takes.recording(owner.recordingId))?.takes.find(isRunning);
    if (!take) return;
    const entry = registry.byId(owner.liveSessionId);
    const over = !entry || take.state === 'closing' || (await book.isStopped(owner, take.id));
    if (over) return book.closeFromJournal(owner, take.id);
    log.warn({ recordingId: owner.recordingId, takeId: take.id }, 'capture lost: starting it again');
    try {
      await begin(take, entry, take.state === 'starting' ? 'startTake' : 'resumeTake');
    } catch (error) {
      log.error({ err: error, recordingId: owner.recordingId, takeId: take.id }, 'capture could not be started again');
      await book.closeFromJournal(owner, take.id);
    }
  };

  const followUp = async (owner: CaptureOwner, take: Take, handle: CaptureHandle): Promise<void> => {
    const { takeId, startedAtMs, lastStopped } = await handle.status();
    if (takeId === take.id && startedAtMs !== null) {
      await book.move(take.id, owner.liveSessionId, { type: 'captured', startedAtMs });
      await handle.setAllowed(allowedSpeakers(owner.liveSessionId));
    } else if (lastStopped?.takeId === take.id) await book.close(owner, lastStopped);
    else await resume(owner);
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

  return { begin, stop, resume, adopt };
};

export type TakeRunner = ReturnType<typeof takeRunner>;
