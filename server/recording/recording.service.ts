/**
 * Starting, pausing, stopping and keeping recordings. Intent first: a take's row is `starting` before the capture hears
 * of it, and from then on rows follow what the capture and its journal say. A take ends once, whoever says so first: the
 * host, the capture itself (room ended, disk full, longest duration) or the boot after a crash; the one that moves the
 * row queues the master. What ends a take never waits for the database.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { isDatabaseAway } from '../platform/database-away.ts';
import { randomId } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import type { AllowedSpeaker } from './capture/journal.schema.ts';
import { recorderIdentity } from './captures.ts';
import type { Captures } from './captures.ts';
import { ownerOf, recordingUpkeep } from './recording-upkeep.ts';
import { lightOf } from './light.ts';
import type { OpenRecordings } from './open-recordings.ts';
import type { MarkView } from './recording.schema.ts';
import type { RenderService } from './render.service.ts';
import type { RowKeeper } from './row-keeper.ts';
import type { StartConditions } from './start-conditions.ts';
import type { TakeBook } from './take-book.ts';
import type { TakeRunner } from './take-runner.ts';
import { isPaused, isRunning, newestTake } from './take.ts';
import type { StopOrder, Take } from './take.ts';
import type { Recording, TakesStore } from './takes.store.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';

export type RecordingDeps = {
  takes: TakesStore;
  open: OpenRecordings;
  rows: RowKeeper;
  captures: Captures;
  book: TakeBook;
  runner: TakeRunner;
  registry: LiveRegistry;
  /** The speakers of a live session whose voice may be captured, with the consent row in force. */
  allowedSpeakers: (liveSessionId: string) => AllowedSpeaker[];
  render: Pick<RenderService, 'ensureMaster'>;
  /** Arms an unarmed room and asks those on stage; they are captured once they have answered. */
  arm: (entry: LiveEntry) => Promise<void>;
  conditions: StartConditions;
  setLight: (liveSessionId: string, light: RecordingLight) => void;
  /** Told after a change that no take made. */
  onChanged: (recordingId: string) => void;
  maxRecordingMs: number;
  clock: Clock;
  log: FastifyBaseLogger;
};

export const recordingService = (deps: RecordingDeps) => {
  const { takes, open, rows, captures, book, runner, log } = deps;

  /** What memory knows is ahead of the rows until these have followed. */
  const freshOf = async (liveSessionId: string): Promise<Recording | undefined> => {
    const known = open.ofSession(liveSessionId);
    if (known && !(await rows.settled(known.id))) return known;
    const recording = await takes.openRecordingOf(liveSessionId);
    return recording && open.put(recording);
  };

  /** For what must not wait: as memory has it, and without a word of a database that is away. */
  const knownOf = async (liveSessionId: string): Promise<Recording | undefined> =>
    open.ofSession(liveSessionId) ??
    freshOf(liveSessionId).catch((error: unknown) => {
      if (!isDatabaseAway(error)) throw error;
      return undefined;
    });

  const upkeep = recordingUpkeep({ ...deps, knownOf });

  const refuseWhenOver = (liveSessionId: string): void => {
    if (upkeep.isOver(liveSessionId)) throw new Problem('room-not-live');
  };

  const openRecording = async ({ liveSessionId }: LiveEntry): Promise<Recording> => {
    const found = await freshOf(liveSessionId);
    if (found) return found;
    const id = captures.recordingIdFor(liveSessionId);
    await takes.openRecording({ id, liveSessionId, identity: recorderIdentity(id) });
    const opened = await freshOf(liveSessionId);
    if (!opened) throw new Problem('recording-unavailable');
    captures.remember(ownerOf(opened));
    return opened;
  };

  /** A start that failed leaves nothing behind that captures. */
  const giveUp = async (take: Take, liveSessionId: string, error: unknown): Promise<Problem> => {
    const owner = { recordingId: take.recordingId, liveSessionId };
    const problem = error instanceof Problem ? error : new Problem('recording-unavailable', { cause: error });
    const { code, detail = problem.message } = problem;
    log.error({ err: error, recordingId: take.recordingId, takeId: take.id, code }, 'take did not start');
    if (code === 'capture-lost') await captures.kill(owner);
    else await runner.silence(owner, take.id);
    await book.move(owner, take.id, { type: 'lost', code, detail });
    // The live session ended meanwhile: nobody else would end this capture
    if (!open.byId(take.recordingId)) await captures.release(owner);
    return problem;
  };

  /** The answer to a repeated start is that of the first. */
  const repeated = (take: Take): string => {
    const failed = take.state === 'lost' && take.startedAtMs === null;
    if (failed) throw new Problem(take.code, { detail: take.detail });
    return take.recordingId;
  };

  const checkLimit = ({ takes: known }: Recording): void => {
    if (known.some(isRunning)) throw new Problem('recording-running');
    const samples = known.reduce((sum, take) => sum + (take.state === 'closed' ? take.lengthSamples : 0), 0);
    const hasEnded = known.some((take) => take.state === 'closed' && take.stopReason === 'limitReached');
    if (hasEnded || (samples / SAMPLE_RATE) * 1000 >= deps.maxRecordingMs) throw new Problem('recording-limit');
  };

  const startTake = async (recording: Recording, entry: LiveEntry, idempotencyKey: string): Promise<void> => {
    checkLimit(recording);
    await deps.conditions();
    refuseWhenOver(entry.liveSessionId);
    const ordinal = Math.max(0, ...recording.takes.map((take) => take.ordinal)) + 1;
    const take: Take = { id: randomId(), recordingId: recording.id, ordinal, name: null, state: 'starting' };
    if (!(await takes.insertTake({ ...take, idempotencyKey }))) {
      if (await takes.takeByKey(recording.id, idempotencyKey)) return;
      throw new Problem('recording-running');
    }
    open.putTake(take);
    deps.setLight(entry.liveSessionId, lightOf(take));
    try {
      refuseWhenOver(entry.liveSessionId);
      if (!entry.policy.recordingArmed) await deps.arm(entry);
      await runner.start(take, entry);
    } catch (error) {
      throw await giveUp(take, entry.liveSessionId, error);
    }
  };

  const start = async (entry: LiveEntry, idempotencyKey: string, how: 'start' | 'resume'): Promise<string> => {
    refuseWhenOver(entry.liveSessionId);
    const recording = await openRecording(entry);
    // Ended meanwhile: nobody else would close what was just opened
    if (upkeep.isOver(entry.liveSessionId)) await upkeep.finishLiveSession(entry.liveSessionId);
    refuseWhenOver(entry.liveSessionId);
    const known = await takes.takeByKey(recording.id, idempotencyKey);
    if (known) return repeated(known);
    const resumable = isPaused(newestTake(recording.takes));
    if (how === 'resume' && !resumable) throw new Problem('recording-not-running', { detail: 'Nothing is paused.' });
    await startTake(recording, entry, idempotencyKey);
    return recording.id;
  };

  /** Ends the running take, whatever its state. A stop while paused ends the pause. */
  const end = async ({ liveSessionId }: LiveEntry, order: StopOrder): Promise<string> => {
    const recording = await knownOf(liveSessionId);
    const take = recording?.takes.find(isRunning);
    if (recording && take) await runner.stop(ownerOf(recording), take, order);
    const newest = recording && newestTake((open.byId(recording.id) ?? recording).takes);
    const endsPause = order === 'stopped' && newest !== undefined && isPaused(newest);
    if (recording && endsPause) await book.endPause(ownerOf(recording), newest.id);
    if (!recording || (!take && !endsPause)) throw new Problem('recording-not-running');
    return recording.id;
  };

  return {
    /**
     * Starts a take and returns the recording's id when the first sample is captured. The same key again starts nothing.
     * Throws `room-not-live`, `recording-running`, `recording-limit`, `recording-unavailable`, `capture-lost`, `media-unavailable`,
     * `disk-full`, `disk-failed`.
     */
    start: (entry: LiveEntry, idempotencyKey: string): Promise<string> => start(entry, idempotencyKey, 'start'),

    /** Starts a take after a pause; `recording-not-running` when nothing is paused. */
    resume: (entry: LiveEntry, idempotencyKey: string): Promise<string> => start(entry, idempotencyKey, 'resume'),

    /** Ends the running take, or the pause, and queues a master of all takes so far. */
    stop: (entry: LiveEntry): Promise<string> => end(entry, 'stopped'),

    /** Ends the running take; its master waits for the stop. */
    pause: (entry: LiveEntry): Promise<string> => end(entry, 'paused'),

    /** Sets a mark at this moment of the running take. */
    mark: async ({ liveSessionId }: LiveEntry, label: string): Promise<MarkView> => {
      const handle = await captures.ofSession(liveSessionId);
      if (!handle) throw new Problem('recording-not-running');
      const id = randomId();
      const { takeId, atMs } = await handle.mark(id, label);
      return { id, takeId, atMs: Math.round(atMs), label };
    },

    /** null takes the name away. */
    nameRecording: async (recordingId: string, name: string | null): Promise<void> => {
      await takes.nameRecording(recordingId, name);
      const known = open.byId(recordingId);
      if (known) open.put({ ...known, name });
      deps.onChanged(recordingId);
    },

    /** False when the recording has no such take. */
    nameTake: async (recordingId: string, takeId: string, name: string | null): Promise<boolean> => {
      const isNamed = await takes.nameTake(recordingId, takeId, name);
      const known = open.take(takeId);
      if (isNamed && known) open.putTake({ ...known, name });
      deps.onChanged(recordingId);
      return isNamed;
    },

    /** Tells a running capture who may be captured from now on. */
    consentChanged: async (liveSessionId: string): Promise<void> => {
      const handle = await captures.ofSession(liveSessionId);
      await handle?.setAllowed(deps.allowedSpeakers(liveSessionId));
    },

    ...upkeep,
  };
};

export type RecordingService = ReturnType<typeof recordingService>;
