/** Clips: a stretch of at most 90 seconds of what is just being recorded, to be heard and published while it goes on. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import { places } from '../platform/places.ts';
import { Problem } from '../problems.ts';
import { probeFfmpeg } from './ffmpeg-probe.ts';
import type { FfmpegCapabilities } from './ffmpeg-probe.ts';
import type { CutRange } from './master.ts';
import type { MastersStore, NewMaster } from './masters.store.ts';
import type { OpenRecordings } from './open-recordings.ts';
import { renderClip } from './render/clip.ts';
import type { Clip } from './render/clip.ts';
import { replayFileOf, replayPath, replayReachedMs, sliceReplay } from './replay/replay-file.ts';
import { FRAME_BYTES, FRAME_SAMPLES } from './replay/frames.ts';

/** Longest clip; clips are for sharing a moment, not for making episodes past the cutting room. */
export const LONGEST_CLIP_MS = 90_000;
/** The replay is written about a second behind the voices; one that stays further behind is not being written. */
const REPLAY_LAG_MS = 1_500;
const LOOK_EVERY_MS = 50;
/** Of one recording at once: each takes a core that the live room needs, too. */
const MOST_AT_ONCE = 2;

/** The last so many milliseconds, or a range from the first sample of the running take. */
export type ClipOrder = { title?: string } & ({ lastMs: number } | { fromMs: number; toMs: number });

type Deps = {
  masters: Pick<MastersStore, 'addReady' | 'withdraw'>;
  open: Pick<OpenRecordings, 'ofSession'>;
  recordingsDir: string;
  ffmpegBin: string;
  clock: Clock;
  log: FastifyBaseLogger;
  changed: (recordingId: string) => void;
};

type RunningTake = { recordingId: string; takeId: string; startedAtMs: number };

export const clipsService = (deps: Deps) => {
  const { masters, open, recordingsDir, clock, log } = deps;
  const bench = places(MOST_AT_ONCE);
  let probed: Promise<FfmpegCapabilities> | undefined;
  const ffmpegNow = (): Promise<FfmpegCapabilities> => {
    probed ??= probeFfmpeg(deps.ffmpegBin);
    probed.catch(() => (probed = undefined));
    return probed;
  };

  const runningTake = (liveSessionId: string): RunningTake => {
    const recording = open.ofSession(liveSessionId);
    const take = recording?.takes.find(({ state }) => state === 'capturing');
    if (!recording || take?.state !== 'capturing') throw new Problem('recording-not-running');
    return { recordingId: recording.id, takeId: take.id, startedAtMs: take.startedAtMs };
  };

  /** How far the replay has come, once it has come to `wantedMs` or will not come there soon. */
  const reachedMs = async ({ recordingId, takeId }: RunningTake, wantedMs: number): Promise<number> => {
    const until = performance.now() + REPLAY_LAG_MS;
    for (;;) {
      const reached = await replayReachedMs(join(recordingsDir, recordingId), takeId);
      if (reached >= wantedMs || performance.now() > until) return reached;
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_EVERY_MS);
      });
    }
  };

  const rangeOf = async (take: RunningTake, order: ClipOrder): Promise<CutRange> => {
    const { takeId } = take;
    const elapsedMs = clock.now().getTime() - take.startedAtMs;
    if ('lastMs' in order) {
      const toMs = Math.floor(await reachedMs(take, Math.max(1, elapsedMs - 2 * REPLAY_LAG_MS)));
      if (toMs < elapsedMs - 4 * REPLAY_LAG_MS || toMs === 0) throw new Problem('replay-not-ready');
      return { takeId, fromMs: Math.max(0, toMs - order.lastMs), toMs };
    }
    const { fromMs, toMs } = order;
    if (toMs > elapsedMs) {
      const errors = [{ pointer: '/toMs', message: `the take is only ${Math.round(elapsedMs)} ms long so far` }];
      throw new Problem('invalid-request', { detail: 'This has not been recorded yet.', errors });
    }
    if ((await reachedMs(take, toMs)) < toMs) throw new Problem('replay-not-ready');
    return { takeId, fromMs, toMs };
  };

  const store = async (order: Pick<NewMaster, 'id' | 'recordingId' | 'cut' | 'title' | 'queuedAt'>, clip: Clip) => {
    const { folder, mp3, durationMs } = clip;
    const { loudnessLufs, truePeakDbtp, kind, mediaType, bytes, sha256 } = mp3;
    const facts = {
      durationMs,
      loudnessLufs,
      truePeakDbtp,
      readyAt: clock.now(),
      peaksFile: join(folder, 'peaks.json'),
    };
    const rendition = { id: randomId(), kind, mediaType, file: join(folder, mp3.file), bytes, durationMs, sha256 };
    await masters.addReady({ ...order, kind: 'clip', preset: 'speech' }, { ...facts, renditions: [rendition] });
  };

  const cutOut = async (take: RunningTake, { order, roomTitle }: { order: ClipOrder; roomTitle: string }) => {
    const { recordingId, takeId } = take;
    const { title = null } = order;
    const [id, queuedAt, dir] = [randomUUID(), clock.now(), join(recordingsDir, recordingId)];
    const [range, ffmpeg] = await Promise.all([rangeOf(take, order), ffmpegNow()]);
    const source = await replayFileOf(dir, takeId);
    const slice = await sliceReplay(replayPath(dir, takeId), range.fromMs, range.toMs);
    if (!slice) throw new Problem('replay-not-ready');
    const lengthSamples = (slice.length / FRAME_BYTES) * FRAME_SAMPLES;
    const clip = await renderClip({ id, dir, ffmpeg, slice, lengthSamples, title: title ?? roomTitle });
    await store({ id, recordingId, cut: [range], title, queuedAt }, clip);
    // Who takes a voice back removes the replay first and looks for clips last: a clip is found there, or else it is here
    if (source === (await replayFileOf(dir, takeId))) return { id, durationMs: clip.durationMs };
    await masters.withdraw(id);
    await rm(join(dir, clip.folder), { recursive: true, force: true });
    throw new Problem('replay-not-ready');
  };

  return {
    /** Learns what ffmpeg can do before the first clip is waited for. */
    warm: (): void => void ffmpegNow().catch(() => {}),

    /**
     * Makes a clip of the running take of a live session; it is ready when this returns. Throws `recording-not-running`,
     * `invalid-request` for what has not been captured, `replay-not-ready` when the replay is not being written or was
     * taken away because somebody took their voice back, `too-many-requests` for a third clip at once.
     */
    make: async (
      { liveSessionId, title: roomTitle }: { liveSessionId: string; title: string },
      order: ClipOrder,
    ): Promise<{ recordingId: string; masterId: string }> => {
      const startedAt = performance.now();
      const take = runningTake(liveSessionId);
      const { recordingId } = take;
      const leave = bench.take(recordingId);
      if (!leave) throw new Problem('too-many-requests', { retryAfterSeconds: 2 });
      const { id: masterId, durationMs } = await cutOut(take, { order, roomTitle }).finally(leave);
      deps.changed(recordingId);
      log.info({ recordingId, masterId, durationMs, tookMs: Math.round(performance.now() - startedAt) }, 'clip ready');
      return { recordingId, masterId };
    },
  };
};

export type ClipsService = ReturnType<typeof clipsService>;
