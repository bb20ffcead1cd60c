/**
 * Moves takes along their table: in memory at once, with the light following and one log line a move, and in their rows
 * by compare-and-set, as soon as the database takes it.
 */
import type { FastifyBaseLogger } from 'fastify';
import { Problem } from '../problems.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import type { TakeStopped } from './capture/control.schema.ts';
import type { CaptureOwner } from './captures.ts';
import { lightOf } from './light.ts';
import type { OpenRecordings } from './open-recordings.ts';
import type { RenderService } from './render.service.ts';
import type { RowKeeper } from './row-keeper.ts';
import { isRunning, newestTake, stepTake } from './take.ts';
import type { Take, TakeEvent } from './take.ts';
import type { TakesStore } from './takes.store.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';
import type { RecordingTimeline, TimelineTake } from './timeline.schema.ts';

type Deps = {
  takes: Pick<TakesStore, 'take' | 'moveTake'>;
  open: OpenRecordings;
  rows: Pick<RowKeeper, 'keep'>;
  render: Pick<RenderService, 'queueMaster'>;
  setLight: (liveSessionId: string, light: RecordingLight) => void;
  /** Told after every move, for what lies beside the rows. */
  onMoved?: (recordingId: string) => void;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
  log: FastifyBaseLogger;
};

export const takeBook = ({ takes, open, rows, render, setLight, timelineOf, log, ...deps }: Deps) => {
  const closing = new Map<string, Promise<void>>();

  const tell = (liveSessionId: string, before: Take, after: Take): void => {
    const known = open.byId(after.recordingId);
    setLight(liveSessionId, lightOf(known ? newestTake(known.takes) : after));
    const { id: takeId, recordingId, state } = after;
    const reason = 'stopReason' in after ? after.stopReason : undefined;
    if (state !== before.state) log.info({ recordingId, takeId, state, reason }, 'take');
    deps.onMoved?.(recordingId);
  };

  /** The take after `event` in memory; undefined when it is not known here, or the event means nothing to it. */
  const note = (takeId: string, liveSessionId: string, event: TakeEvent): Take | undefined => {
    const take = open.take(takeId);
    const next = take && stepTake(take, event);
    if (!take || !next) return undefined;
    open.putTake(next);
    tell(liveSessionId, take, next);
    return next;
  };

  /** The take after `event`, stored; undefined when the event means nothing (any more) in its state. */
  const store = async (takeId: string, event: TakeEvent, liveSessionId?: string): Promise<Take | undefined> => {
    for (;;) {
      const take = await takes.take(takeId);
      const next = take && stepTake(take, event);
      if (!take || !next) return undefined;
      if (!(await takes.moveTake(take, next))) continue;
      if (liveSessionId !== undefined) tell(liveSessionId, take, next);
      return next;
    }
  };

  /**
   * Moves a take. `after` runs once, when the move is stored by us; where two say the same, the one that moves the row
   * does what follows. Undefined when the event meant nothing.
   */
  const move = async (
    { recordingId, liveSessionId }: CaptureOwner,
    takeId: string,
    event: TakeEvent,
    after?: () => Promise<unknown>,
  ): Promise<Take | undefined> => {
    const isKnown = open.take(takeId) !== undefined;
    const noted = note(takeId, liveSessionId, event);
    if (isKnown && !noted) return undefined;
    let stored: Take | undefined;
    let tries = 0;
    const kept = await rows.keep(recordingId, async () => {
      tries++;
      stored ??= await store(takeId, event, isKnown ? undefined : liveSessionId);
      // The database may have gone away between a write and its answer: the row was moved, and by us
      if (tries > 1) stored ??= noted;
      if (stored) await after?.();
      return stored;
    });
    return kept.stored ? kept.value : noted;
  };

  const queueMaster = (recordingId: string): Promise<unknown> =>
    render.queueMaster(recordingId).catch((error: unknown) => {
      if (!(error instanceof Problem && error.code === 'nothing-recorded')) throw error;
    });

  const closeNow = async (owner: CaptureOwner, stopped: TakeStopped): Promise<void> => {
    const { takeId, stoppedAtMs, samples: lengthSamples, reason } = stopped;
    const master = reason === 'paused' ? undefined : () => queueMaster(owner.recordingId);
    await move(owner, takeId, { type: 'closed', stoppedAtMs, lengthSamples, reason }, master);
  };

  /**
   * Closes a take once, whoever says so first, and queues the master of all takes so far unless it was paused. Usually
   * two say so at once, the capture's event and its answer: both wait until the master is queued.
   */
  const close = (owner: CaptureOwner, stopped: TakeStopped): Promise<void> => {
    const { takeId } = stopped;
    const underWay = closing.get(takeId) ?? closeNow(owner, stopped).finally(() => closing.delete(takeId));
    closing.set(takeId, underWay);
    return underWay;
  };

  const knownTake = async ({ recordingId }: CaptureOwner, takeId: string): Promise<TimelineTake | undefined> =>
    (await timelineOf(recordingId)).takes.find((take) => take.takeId === takeId);

  /** Whether the journal says that the take was stopped: then it is over, even if nobody was there to hear it. */
  const isStopped = async (owner: CaptureOwner, takeId: string): Promise<boolean> =>
    (await knownTake(owner, takeId))?.state === 'closed';

  /** Ends a take whose capture is gone for good, with what its journal holds. */
  const closeFromJournal = async (owner: CaptureOwner, takeId: string): Promise<void> => {
    const known = await knownTake(owner, takeId);
    const samples = known?.lengthSamples ?? 0;
    if (known && samples > 0) {
      const stoppedAtMs = known.startedAtMs + (samples * 1000) / SAMPLE_RATE;
      const take = open.take(takeId);
      const asked = take?.state === 'closing' ? take.stopReason : 'recovered';
      return close(owner, { takeId, samples, stoppedAtMs, reason: known.stopReason ?? asked });
    }
    const detail = 'Nothing was captured in this take.';
    await move(owner, takeId, { type: 'lost', code: 'capture-lost', detail });
  };

  return {
    move,
    close,
    closeFromJournal,
    isStopped,
    /** Whether nobody has stopped this take yet, as far as this process knows. */
    isWanted: (takeId: string): boolean => {
      const take = open.take(takeId);
      return !take || (isRunning(take) && take.state !== 'closing');
    },
    /** A stop while paused: the pause is over, and the master of all takes so far is queued. */
    endPause: (owner: CaptureOwner, takeId: string): Promise<Take | undefined> =>
      move(owner, takeId, { type: 'pauseEnded' }, () => queueMaster(owner.recordingId)),
  };
};

export type TakeBook = ReturnType<typeof takeBook>;
