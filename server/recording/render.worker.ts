/** Renders the master of one job: progress is told as it comes, finished files become renditions, failures Problems. */
import { rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import type { Master, RenderStep } from './master.ts';
import type { MastersStore } from './masters.store.ts';
import { CutSchema } from './render/cut.schema.ts';
import { render } from './render/render.ts';
import type { RenderProgress, RenderResult } from './render/render.ts';
import type { RecordingTimeline } from './timeline.schema.ts';

/** Progress is written at most that often; the ready state always is. */
const PROGRESS_EVERY_MS = 400;

export type WorkerDeps = {
  masters: MastersStore;
  clock: Clock;
  log: FastifyBaseLogger;
  ffmpegBin: string;
  recordingsDir: string;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
  titleOf: (recordingId: string) => Promise<string>;
  /** Told whenever a master has come further or has changed its state. */
  changed?: (recordingId: string) => void;
  /** Called when a render is over, before the next one begins. */
  tidy?: (recordingId: string) => Promise<void>;
};

/** Progress of the running render, for views: fresher than what is stored. */
export type LiveProgress = { step: RenderStep; percent: number; etaMs: number | null };

const problemOf = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem('ffmpeg-failed', { cause: error });

export const renderWorker = (deps: WorkerDeps) => {
  const { masters, log, changed = () => {} } = deps;
  const running = new Map<string, { ended: AbortController; progress?: LiveProgress }>();

  const end = (masterId: string, why: string): void => running.get(masterId)?.ended.abort(new Error(why));

  /** What an attempt that was killed had reached is not taken back: its finished stages are found at once. */
  const reporter = ({ id, recordingId, percent: before }: Master) => {
    let writtenAt = 0;
    return ({ step, percent: now, etaMs }: RenderProgress): void => {
      const percent = Math.max(before, Math.floor(now));
      const one = running.get(id);
      if (one) one.progress = { step, percent, etaMs };
      if (performance.now() - writtenAt < PROGRESS_EVERY_MS) return;
      writtenAt = performance.now();
      changed(recordingId);
      masters.progress(id, step, percent).then(
        (current) => current || end(id, 'ended elsewhere'),
        (error: unknown) => log.warn({ err: error, masterId: id }, 'render progress not stored'),
      );
    };
  };

  /** What was finished in the moment in which it was ended may hold a voice that was withdrawn. */
  const discard = async (recordingId: string, folder: string): Promise<void> => {
    if (await masters.namesFolder(recordingId, folder)) return;
    await rm(join(deps.recordingsDir, recordingId, folder), { recursive: true, force: true });
  };

  const keep = async ({ id, recordingId }: Master, result: RenderResult): Promise<void> => {
    const dir = join(deps.recordingsDir, recordingId);
    const { durationMs, loudnessLufs, truePeakDbtp } = result;
    const finished = await masters.finish(id, {
      durationMs: Math.round(durationMs),
      loudnessLufs,
      truePeakDbtp,
      peaksFile: relative(dir, result.peaksFile),
      readyAt: deps.clock.now(),
      renditions: result.renditions.map(({ file, durationMs: length, ...rendition }) => ({
        ...rendition,
        id: randomId(),
        file: relative(dir, file),
        durationMs: Math.round(length),
      })),
    });
    if (finished) log.info({ recordingId, masterId: id, durationMs }, 'master ready');
    else await discard(recordingId, relative(dir, dirname(result.peaksFile)));
  };

  const renderNow = async (master: Master, attempt: number, signal: AbortSignal): Promise<void> => {
    const { id, recordingId, cut, preset } = master;
    const input = {
      ...{ job: id, attempt, preset, tone: true },
      timeline: await deps.timelineOf(recordingId),
      cut: CutSchema.parse(cut),
      dir: join(deps.recordingsDir, recordingId),
      ffmpegBin: deps.ffmpegBin,
      tags: { title: master.title ?? (await deps.titleOf(recordingId)) },
    };
    await keep(master, await render(input, { signal, onProgress: reporter(master) }));
  };

  const fail = async ({ id, recordingId }: Master, error: unknown): Promise<void> => {
    const problem = problemOf(error);
    const failed = await masters.fail(id, problem.toBody());
    if (failed) log.error({ err: error, recordingId, masterId: id, code: problem.code }, 'master failed');
    else log.info({ recordingId, masterId: id }, 'master given up');
  };

  const run = async ({ masterId }: { masterId: string }, signal: AbortSignal): Promise<void> => {
    const ended = new AbortController();
    running.set(masterId, { ended });
    const master = await masters.master(masterId);
    try {
      const attempt = master && (await masters.begin(masterId));
      if (!master || !attempt) return;
      log.info({ recordingId: master.recordingId, masterId }, 'master rendering');
      await renderNow(master, attempt, AbortSignal.any([signal, ended.signal]));
    } catch (error) {
      if (signal.aborted || !master) throw error;
      await fail(master, error);
    } finally {
      running.delete(masterId);
      if (master) changed(master.recordingId);
    }
    if (master) await deps.tidy?.(master.recordingId);
  };

  return {
    run,
    /** Ends the render of a master, if it runs here: its ffmpeg is gone within a second. */
    end,
    progressOf: (masterId: string): LiveProgress | undefined => running.get(masterId)?.progress,
  };
};

export type RenderWorker = ReturnType<typeof renderWorker>;
