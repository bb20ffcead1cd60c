/**
 * Keeping recordings in order around their live sessions: a capture is warm before it is needed, everything ends with the
 * session, and what a server that died left half done is put right by the next.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import type { CaptureOwner, Captures } from './captures.ts';
import { lightOf } from './light.ts';
import type { OpenRecordings } from './open-recordings.ts';
import type { RenderService } from './render.service.ts';
import type { RowKeeper } from './row-keeper.ts';
import type { TakeBook } from './take-book.ts';
import type { TakeRunner } from './take-runner.ts';
import { isPaused, isRunning, newestTake } from './take.ts';
import type { Recording, TakesStore } from './takes.store.ts';

type Deps = {
  takes: Pick<TakesStore, 'openRecordings' | 'closeRecording'>;
  open: OpenRecordings;
  rows: Pick<RowKeeper, 'keep'>;
  captures: Pick<Captures, 'ensure' | 'release' | 'remember' | 'recordingIdFor'>;
  book: Pick<TakeBook, 'closeFromJournal'>;
  runner: Pick<TakeRunner, 'stop' | 'adopt'>;
  registry: LiveRegistry;
  render: Pick<RenderService, 'ensureMaster'>;
  setLight: (liveSessionId: string, light: RecordingLight) => void;
  onChanged: (recordingId: string) => void;
  /** The open recording of a session, as far as it can be known now. */
  knownOf: (liveSessionId: string) => Promise<Recording | undefined>;
  clock: Clock;
  log: FastifyBaseLogger;
};

export const ownerOf = ({ id: recordingId, liveSessionId }: Recording): CaptureOwner => ({
  recordingId,
  liveSessionId,
});

export const recordingUpkeep = (deps: Deps) => {
  const { takes, open, rows, captures, book, runner, registry, render, log } = deps;
  /** Sessions that are ending: what is live leaves the registry only when everything in it has ended. */
  const ending = new Set<string>();

  const isOver = (liveSessionId: string): boolean => ending.has(liveSessionId) || !registry.byId(liveSessionId);

  const noteEnding = (liveSessionId: string): void => {
    for (const id of ending) if (!registry.byId(id)) ending.delete(id);
    ending.add(liveSessionId);
  };

  /** What was given up, but has something in its journal after all, is a take like any other. */
  const recoverLost = async (recording: Recording): Promise<void> => {
    const lost = recording.takes.filter(({ state }) => state === 'lost');
    for (const { id } of lost) await book.closeFromJournal(ownerOf(recording), id);
  };

  const finishLiveSession = async (liveSessionId: string): Promise<void> => {
    noteEnding(liveSessionId);
    const recording = await deps.knownOf(liveSessionId);
    const owner = { recordingId: recording?.id ?? captures.recordingIdFor(liveSessionId), liveSessionId };
    const take = recording?.takes.find(isRunning);
    if (take) await runner.stop(owner, take);
    if (recording) await recoverLost(recording);
    const closed = rows.keep(owner.recordingId, async () => {
      if (!recording) return;
      await takes.closeRecording(recording.id, deps.clock.now());
      deps.onChanged(recording.id);
      // Of a pause nobody has made the master yet
      await render.ensureMaster(recording.id);
    });
    // Forgotten before the release: a start that is still under way then sees that it has to end its capture itself
    open.remove(owner.recordingId);
    await captures.release(owner);
    await closed;
  };

  const warm = async ({ policy, liveSessionId }: LiveEntry): Promise<void> => {
    if (!policy.recordingArmed || isOver(liveSessionId)) return;
    await captures.ensure({ recordingId: captures.recordingIdFor(liveSessionId), liveSessionId });
  };

  const repair = async (found: Recording): Promise<void> => {
    const recording = open.put(found);
    const { id, liveSessionId } = recording;
    await runner.adopt(recording);
    if (!registry.byId(liveSessionId)) return finishLiveSession(liveSessionId);
    await recoverLost(recording);
    if (!isPaused(newestTake(open.byId(id)?.takes ?? []))) await render.ensureMaster(id);
  };

  return {
    /** Stops what runs and closes the recording of a session: nothing is captured outside a live session. */
    finishLiveSession,

    /** Whether nothing may be recorded in this session any more. */
    isOver,

    /** Warms the capture of a room that may be recorded, so that a take starts at once. */
    sessionLive: warm,

    /**
     * Learns which recorders are ours; before it has returned, the reconcile would remove them. The light is what the
     * rows say until the captures have been asked: no door says less than what is captured behind it.
     */
    know: async (): Promise<void> => {
      for (const recording of await takes.openRecordings()) {
        captures.remember(ownerOf(recording));
        open.put(recording);
        deps.setLight(recording.liveSessionId, lightOf(newestTake(recording.takes)));
      }
    },

    /**
     * After a start: finds surviving captures, repairs takes whose capture died, closes recordings of ended sessions,
     * and warms captures for the live sessions that have none.
     */
    settle: async (): Promise<void> => {
      const noted = (work: Promise<void>): Promise<void> =>
        work.catch((error: unknown) => log.error({ err: error }, 'a recording is not in order'));
      // Side by side: a capture that does not come back keeps no other room waiting
      await Promise.all((await takes.openRecordings()).map((recording) => noted(repair(recording))));
      await Promise.all(registry.all().map((entry) => noted(warm(entry))));
    },
  };
};
