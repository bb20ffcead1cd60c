/**
 * Starting, stopping and keeping recordings. Intent first: a take's row is `starting` before the capture hears of it,
 * and from then on rows follow what the capture and its journal say. A take ends once, whoever says so first: the host,
 * the capture itself (room ended, disk full, longest duration) or the boot after a crash; the one that moves the row
 * queues the master.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import { recorderIdentity } from './captures.ts';
import type { Captures } from './captures.ts';
import type { RenderService } from './render.service.ts';
import type { TakeBook } from './take-book.ts';
import type { TakeRunner } from './take-runner.ts';
import { isRunning } from './take.ts';
import type { Take } from './take.ts';
import type { Recording, TakesStore } from './takes.store.ts';

export type RecordingDeps = {
  takes: TakesStore;
  captures: Captures;
  book: TakeBook;
  runner: TakeRunner;
  registry: LiveRegistry;
  /** The speakers of a live session whose voice may be captured, with the consent row in force. */
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  render: Pick<RenderService, 'ensureMaster'>;
  /** Arms an unarmed room and asks those on stage; they are captured once they have answered. */
  arm: (entry: LiveEntry) => Promise<void>;
  clock: Clock;
  log: FastifyBaseLogger;
};

export const recordingService = (deps: RecordingDeps) => {
  const { takes, captures, book, runner, registry, log } = deps;

  const openRecording = async ({ liveSessionId }: LiveEntry): Promise<Recording> => {
    const open = await takes.openRecordingOf(liveSessionId);
    if (open) return open;
    const id = captures.recordingIdFor(liveSessionId);
    await takes.openRecording({ id, liveSessionId, identity: recorderIdentity(id) });
    const opened = await takes.openRecordingOf(liveSessionId);
    if (!opened) throw new Problem('recording-unavailable');
    captures.remember({ recordingId: opened.id, liveSessionId });
    return opened;
  };

  /** A start that failed leaves nothing behind that captures. */
  const giveUp = async (take: Take, liveSessionId: string, error: unknown): Promise<Problem> => {
    const owner = { recordingId: take.recordingId, liveSessionId };
    const problem = error instanceof Problem ? error : new Problem('recording-unavailable', { cause: error });
    const { code, detail = problem.message } = problem;
    log.error({ err: error, recordingId: take.recordingId, takeId: take.id, code }, 'take did not start');
    await runner.silence(owner, take.id);
    await book.move(take.id, liveSessionId, { type: 'lost', code, detail });
    // The live session ended meanwhile: nobody else would end this capture
    if ((await takes.recording(take.recordingId))?.state === 'closed') await captures.release(owner);
    return problem;
  };

  /** The answer to a repeated start is that of the first. */
  const repeated = (take: Take): string => {
    const failed = take.state === 'lost' && take.startedAtMs === null;
    if (failed) throw new Problem(take.code, { detail: take.detail });
    return take.recordingId;
  };

  /** Stops what runs and closes the recording of a session: nothing is captured outside a live session. */
  const finishLiveSession = async (liveSessionId: string): Promise<void> => {
    const recording = await takes.openRecordingOf(liveSessionId);
    const owner = { recordingId: recording?.id ?? captures.recordingIdFor(liveSessionId), liveSessionId };
    const take = recording?.takes.find(isRunning);
    if (take) await runner.stop(owner, take);
    // Closed before the release: a start that is still under way then sees that it has to end its capture itself
    if (recording) await takes.closeRecording(recording.id, deps.clock.now());
    await captures.release(owner);
  };

  const warm = async ({ policy, liveSessionId }: LiveEntry): Promise<void> => {
    if (!policy.recordingArmed || !registry.byId(liveSessionId)) return;
    await captures.ensure({ recordingId: captures.recordingIdFor(liveSessionId), liveSessionId });
  };

  const repair = async (recording: Recording): Promise<void> => {
    if (registry.byId(recording.liveSessionId)) await runner.adopt(recording);
    else await finishLiveSession(recording.liveSessionId);
    await deps.render.ensureMaster(recording.id);
  };

  return {
    /**
     * Starts a take and returns the recording's id when the first sample is captured. The same key again starts nothing.
     * Throws `recording-running`, `recording-unavailable`, `disk-full`.
     */
    start: async (entry: LiveEntry, idempotencyKey: string): Promise<string> => {
      const recording = await openRecording(entry);
      const known = await takes.takeByKey(recording.id, idempotencyKey);
      if (known) return repeated(known);
      const ordinal = Math.max(0, ...recording.takes.map((take) => take.ordinal)) + 1;
      const take: Take = { id: randomId(), recordingId: recording.id, ordinal, state: 'starting' };
      if (!(await takes.insertTake({ ...take, idempotencyKey }))) {
        if (await takes.takeByKey(recording.id, idempotencyKey)) return recording.id;
        throw new Problem('recording-running');
      }
      try {
        if (!entry.policy.recordingArmed) await deps.arm(entry);
        await runner.begin(take, entry);
      } catch (error) {
        throw await giveUp(take, entry.liveSessionId, error);
      }
      return recording.id;
    },

    /** Ends the running take, whatever its state, and queues a master of all takes so far. */
    stop: async (liveSessionId: string): Promise<string> => {
      const recording = await takes.openRecordingOf(liveSessionId);
      const take = recording?.takes.find(isRunning);
      if (!recording || !take) throw new Problem('recording-not-running');
      await runner.stop({ recordingId: recording.id, liveSessionId }, take);
      return recording.id;
    },

    finishLiveSession,

    /** Warms the capture of a room that may be recorded, so that a take starts at once. */
    sessionLive: warm,

    /** Tells a running capture who may be captured from now on. */
    consentChanged: async (liveSessionId: string): Promise<void> => {
      const handle = await captures.ofSession(liveSessionId);
      await handle?.setAllowed(deps.allowedSpeakers(liveSessionId));
    },

    /** Learns which recorders are ours; before it has returned, the reconcile would remove them. */
    know: async (): Promise<void> => {
      for (const { id: recordingId, liveSessionId } of await takes.openRecordings()) {
        captures.remember({ recordingId, liveSessionId });
      }
    },

    /**
     * After a start: finds surviving captures, repairs takes whose capture died, closes recordings of ended sessions,
     * and warms captures for the live sessions that have none.
     */
    settle: async (): Promise<void> => {
      const work = [
        ...(await takes.openRecordings()).map((recording) => () => repair(recording)),
        ...registry.all().map((entry) => () => warm(entry)),
      ];
      for (const one of work)
        await one().catch((error: unknown) => log.error({ err: error }, 'a recording is not in order'));
    },
  };
};

export type RecordingService = ReturnType<typeof recordingService>;
