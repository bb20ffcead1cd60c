/**
 * Turns a recording's takes into its newest master: a row is queued with the chosen cut, a job renders it from the
 * journal and the track files, and the finished files become renditions. Rendering is idempotent, so a job that died
 * with its process is simply run again.
 */
import { randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import type { Jobs } from '../platform/jobs.ts';
import { Problem } from '../problems.ts';
import type { CutRange, Master, RenderStep } from './master.ts';
import type { MastersStore } from './masters.store.ts';
import { CutSchema } from './render/cut.schema.ts';
import { render } from './render/render.ts';
import type { RenderProgress, RenderResult } from './render/render.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';
import type { RecordingTimeline } from './timeline.schema.ts';

/** Longest a render may take before the queue gives it to another instance. */
const RENDER_LIMIT_SECONDS = 4 * 3600;
/** Progress is written at most that often; the ready state always is. */
const PROGRESS_EVERY_MS = 400;

export type RenderDeps = {
  masters: MastersStore;
  jobs: Jobs;
  clock: Clock;
  log: FastifyBaseLogger;
  ffmpegBin: string;
  recordingsDir: string;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
  /** The takes that are over: what is still being captured is in no master. */
  endedTakes: (recordingId: string) => Promise<ReadonlySet<string>>;
  titleOf: (recordingId: string) => Promise<string>;
};

/** Progress of the running render, for views: never stored more often than `PROGRESS_EVERY_MS`. */
export type LiveProgress = { step: RenderStep; percent: number; etaMs: number | null };

/** All that has been captured in these takes. */
const wholeCut = (timeline: RecordingTimeline, ended: ReadonlySet<string>) =>
  timeline.takes
    .filter((take) => ended.has(take.takeId) && take.lengthSamples > 0)
    .map((take) => ({ takeId: take.takeId, fromMs: 0, toMs: Math.ceil((take.lengthSamples / SAMPLE_RATE) * 1000) }));

const problemOf = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem('ffmpeg-failed', { cause: error });

export const renderService = (deps: RenderDeps) => {
  const { masters, log } = deps;
  const live = new Map<string, LiveProgress>();

  const reporter = (masterId: string, superseded: AbortController) => {
    let writtenAt = 0;
    return ({ step, percent, etaMs }: RenderProgress): void => {
      live.set(masterId, { step, percent: Math.floor(percent), etaMs: etaMs ?? null });
      if (performance.now() - writtenAt < PROGRESS_EVERY_MS) return;
      writtenAt = performance.now();
      masters.progress(masterId, step, Math.floor(percent)).then(
        (current) => current || superseded.abort(new Error('a newer master was queued')),
        (error: unknown) => log.warn({ err: error, masterId }, 'render progress not stored'),
      );
    };
  };

  const keep = async (master: Master, result: RenderResult): Promise<void> => {
    const dir = join(deps.recordingsDir, master.recordingId);
    const { durationMs, loudnessLufs, truePeakDbtp } = result;
    const finished = await masters.finish(master.id, {
      durationMs: Math.round(durationMs),
      loudnessLufs,
      truePeakDbtp,
      peaksFile: relative(dir, result.peaksFile),
      readyAt: deps.clock.now(),
      renditions: result.renditions.map(({ kind, mediaType, file, bytes, durationMs: length, sha256 }) => ({
        id: randomId(),
        kind,
        mediaType,
        file: relative(dir, file),
        bytes,
        durationMs: Math.round(length),
        sha256,
      })),
    });
    if (finished) log.info({ recordingId: master.recordingId, masterId: master.id, durationMs }, 'master ready');
  };

  const renderNow = async (master: Master, attempt: number, signal: AbortSignal): Promise<void> => {
    const superseded = new AbortController();
    const result = await render(
      {
        job: master.id,
        attempt,
        timeline: await deps.timelineOf(master.recordingId),
        cut: CutSchema.parse(master.cut),
        dir: join(deps.recordingsDir, master.recordingId),
        ffmpegBin: deps.ffmpegBin,
        tone: true,
        tags: { title: await deps.titleOf(master.recordingId) },
      },
      { signal: AbortSignal.any([signal, superseded.signal]), onProgress: reporter(master.id, superseded) },
    );
    await keep(master, result);
  };

  const run = async ({ masterId }: { masterId: string }, signal: AbortSignal): Promise<void> => {
    const master = await masters.master(masterId);
    const attempt = master && (await masters.begin(masterId));
    if (!master || !attempt) return;
    log.info({ recordingId: master.recordingId, masterId }, 'master rendering');
    try {
      await renderNow(master, attempt, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const problem = problemOf(error);
      const failed = await masters.fail(masterId, problem.toBody());
      if (failed)
        log.error({ err: error, recordingId: master.recordingId, masterId, code: problem.code }, 'master failed');
    } finally {
      live.delete(masterId);
    }
  };

  const cutOf = async (recordingId: string): Promise<CutRange[]> =>
    wholeCut(await deps.timelineOf(recordingId), await deps.endedTakes(recordingId));

  const queue = deps.jobs.queue('render-master', run, { expireInSeconds: RENDER_LIMIT_SECONDS });

  const queueCut = async (recordingId: string, cut: CutRange[]): Promise<void> => {
    const id = randomUUID();
    await masters.queue({ id, recordingId, cut, queuedAt: deps.clock.now() });
    await queue.send({ masterId: id });
    log.info({ recordingId, masterId: id }, 'master queued');
  };

  return {
    /** Queues a master of all takes so far, superseding the last. Throws `nothing-recorded` when no sample is there. */
    queueMaster: async (recordingId: string): Promise<void> => {
      const cut = await cutOf(recordingId);
      if (cut.length === 0) throw new Problem('nothing-recorded');
      await queueCut(recordingId, cut);
    },
    /** Queues the master that a server did not live to queue: of takes that ended, and that the newest one lacks. */
    ensureMaster: async (recordingId: string): Promise<void> => {
      const [cut, newest] = [await cutOf(recordingId), await masters.newestOf(recordingId)];
      const known = new Set(newest?.cut.map(({ takeId }) => takeId));
      if (cut.some(({ takeId }) => !known.has(takeId))) await queueCut(recordingId, cut);
    },
    /** After a start: sends every unfinished master to the queue again. One whose job lives is rendered once all the same. */
    resume: async (): Promise<void> => {
      for (const masterId of await masters.unfinished()) await queue.send({ masterId });
    },
    /** Progress of a master that this process is rendering now. */
    progressOf: (masterId: string): LiveProgress | undefined => live.get(masterId),
  };
};

export type RenderService = ReturnType<typeof renderService>;
