/** Moves the rows of takes: by compare-and-set along their table, with the light following and one log line a move. */
import type { FastifyBaseLogger } from 'fastify';
import { Problem } from '../problems.ts';
import { DARK_LIGHT } from '../stage/stage.schema.ts';
import type { RecordingLight } from '../stage/stage.schema.ts';
import type { TakeStopped } from './capture/control.schema.ts';
import type { CaptureOwner } from './captures.ts';
import type { RenderService } from './render.service.ts';
import { stepTake } from './take.ts';
import type { Take, TakeEvent } from './take.ts';
import type { TakesStore } from './takes.store.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';
import type { RecordingTimeline, TimelineTake } from './timeline.schema.ts';

type Deps = {
  takes: TakesStore;
  render: Pick<RenderService, 'queueMaster'>;
  setLight: (liveSessionId: string, light: RecordingLight) => void;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
  log: FastifyBaseLogger;
};

/** How the API shows a take's state in its red light. */
export const lightOf = (take: Take): RecordingLight => {
  if (take.state === 'closed' || take.state === 'lost') {
    return DARK_LIGHT;
  }
  const startedAtMs = 'startedAtMs' in take ? take.startedAtMs : null;
  return {
    state: take.state === 'capturing' ? 'on' : take.state,
    recordingId: take.recordingId,
    takeOrdinal: take.ordinal,
    since: startedAtMs === null ? null : new Date(startedAtMs).toISOString(),
    paused: false,
    trouble: null,
  };
};

export const takeBook = ({ takes, render, setLight, timelineOf, log }: Deps) => {
  const closing = new Map<string, Promise<void>>();

  /** The take after `event`, stored; undefined when the event means nothing (any more) in its state. */
  const move = async (takeId: string, liveSessionId: string, event: TakeEvent): Promise<Take | undefined> => {
    for (;;) {
      const take = await takes.take(takeId);
      const next = take && stepTake(take, event);
      if (!take || !next) return undefined;
      if (!(await takes.moveTake(take, next))) continue;
      setLight(liveSessionId, lightOf(next));
      if (next.state !== take.state) log.info({ recordingId: take.recordingId, takeId, state: next.state }, 'take');
      return next;
    }
  };

  const queueMaster = (recordingId: string): Promise<unknown> =>
    render.queueMaster(recordingId).catch((error: unknown) => {
      if (!(error instanceof Problem && error.code === 'nothing-recorded')) throw error;
    });

  const closeNow = async ({ recordingId, liveSessionId }: CaptureOwner, stopped: TakeStopped): Promise<void> => {
    const { takeId, stoppedAtMs, samples: lengthSamples } = stopped;
    if (await move(takeId, liveSessionId, { type: 'closed', stoppedAtMs, lengthSamples }))
      await queueMaster(recordingId);
  };

  /**
   * Closes a take once, whoever says so first, and queues the master of all takes so far. Usually two say so at once,
   * the capture's event and its answer: both wait until the master is queued.
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
      return close(owner, { takeId, samples, stoppedAtMs, reason: 'recovered' });
    }
    const detail = 'Nothing was captured in this take.';
    await move(takeId, owner.liveSessionId, { type: 'lost', code: 'capture-lost', detail });
  };

  return { move, close, closeFromJournal, isStopped };
};

export type TakeBook = ReturnType<typeof takeBook>;
