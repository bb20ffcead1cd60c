/**
 * Turns a recording's takes into masters: a row is queued with the chosen cut, a job renders it from the journal and the
 * track files, one at a time in each instance, so that renders never crowd out a live room. Rendering is idempotent: a
 * job that died with its process is simply run again, and one that was cancelled or failed goes on from its last stage.
 */
import { randomUUID } from 'node:crypto';
import type { Jobs } from '../platform/jobs.ts';
import { Problem } from '../problems.ts';
import { checkCut, wholeCut } from './cut.ts';
import type { CutRange, Master } from './master.ts';
import type { NewMaster } from './masters.store.ts';
import { renderWorker } from './render.worker.ts';
import type { WorkerDeps } from './render.worker.ts';

/** Longest a render may take before the queue gives it to another instance. */
const RENDER_LIMIT_SECONDS = 4 * 3600;
/** Of one recording; each renders as long as the recording takes, and others wait behind them. */
const MOST_WAITING = 20;

export type RenderDeps = WorkerDeps & {
  jobs: Jobs;
  /** The takes that are over: what is still being captured is in no master. */
  endedTakes: (recordingId: string) => Promise<ReadonlySet<string>>;
};

/** `cut` absent: all takes so far. */
export type MasterOrder = { cut?: CutRange[]; title?: string; preset?: Master['preset'] };

export const renderService = (deps: RenderDeps) => {
  const { masters, log, changed = () => {} } = deps;
  const worker = renderWorker(deps);
  const queue = deps.jobs.queue('render-master', worker.run, { expireInSeconds: RENDER_LIMIT_SECONDS });

  const cutOf = async (recordingId: string): Promise<CutRange[]> =>
    wholeCut(await deps.timelineOf(recordingId), await deps.endedTakes(recordingId));

  const send = async (
    recordingId: string,
    order: Pick<NewMaster, 'kind' | 'cut'> & Omit<MasterOrder, 'cut'>,
  ): Promise<string> => {
    const { title = null, preset = 'speech' } = order;
    const id = randomUUID();
    const superseded = await masters.queue({ ...order, id, recordingId, title, preset, queuedAt: deps.clock.now() });
    for (const older of superseded) worker.end(older, 'a newer master was queued');
    await queue.send({ masterId: id });
    changed(recordingId);
    log.info({ recordingId, masterId: id, kind: order.kind }, 'master queued');
    return id;
  };

  return {
    /**
     * Queues a master and returns its id: of all takes so far, superseding the last of these, or of a cut. Throws
     * `nothing-recorded` when no sample is there, `invalid-request` for a cut that does not fit its takes.
     */
    queueMaster: async (recordingId: string, { cut, ...order }: MasterOrder = {}): Promise<string> => {
      if (!cut) {
        const whole = await cutOf(recordingId);
        if (whole.length === 0) throw new Problem('nothing-recorded');
        return send(recordingId, { ...order, kind: 'whole', cut: whole });
      }
      checkCut(cut, await deps.timelineOf(recordingId), await deps.endedTakes(recordingId));
      if ((await masters.waitingOf(recordingId)) >= MOST_WAITING) {
        throw new Problem('too-many-requests', { detail: `${MOST_WAITING} versions of this recording wait already.` });
      }
      return send(recordingId, { ...order, kind: 'cut', cut });
    },
    /** Queues the master that a server did not live to queue: of takes that ended, and that the newest one lacks. */
    ensureMaster: async (recordingId: string): Promise<void> => {
      const [cut, newest] = [await cutOf(recordingId), await masters.newestOf(recordingId)];
      const known = new Set(newest?.cut.map(({ takeId }) => takeId));
      if (cut.some(({ takeId }) => !known.has(takeId))) await send(recordingId, { kind: 'whole', cut });
    },
    /** Ends a master that waits or renders; within a second nothing of it runs. Throws `master-not-running`. */
    cancel: async ({ id, recordingId }: Master): Promise<void> => {
      if (!(await masters.cancel(id))) throw new Problem('master-not-running');
      worker.end(id, 'cancelled');
      changed(recordingId);
      log.info({ recordingId, masterId: id }, 'master cancelled');
    },
    /** Queues a failed or cancelled master again; its finished stages are kept. Throws `master-not-failed`. */
    retry: async ({ id, recordingId }: Master): Promise<void> => {
      if (!(await masters.requeue(id))) throw new Problem('master-not-failed');
      await queue.send({ masterId: id });
      changed(recordingId);
      log.info({ recordingId, masterId: id }, 'master queued again');
    },
    /** Queues a master of a known cut as it is, and returns its id. */
    make: send,
    /** Ends the render of a master whose row has been moved already. */
    end: worker.end,
    /** After a start: sends every unfinished master to the queue again. One whose job lives is rendered once all the same. */
    resume: async (): Promise<void> => {
      for (const masterId of await masters.unfinished()) await queue.send({ masterId });
    },
    /** Progress of a master that this process is rendering now. */
    progressOf: worker.progressOf,
  };
};

export type RenderService = ReturnType<typeof renderService>;
