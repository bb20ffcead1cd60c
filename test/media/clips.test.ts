import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../server/platform/clock.ts';
import { createLog } from '../../server/platform/log.ts';
import { clipsService } from '../../server/recording/clips.service.ts';
import type { ClipOrder } from '../../server/recording/clips.service.ts';
import type { FinishedMaster, NewMaster } from '../../server/recording/masters.store.ts';
import { openRecordings } from '../../server/recording/open-recordings.ts';
import { qualityReader } from '../../server/recording/quality.view.ts';
import { buildReplay } from '../../server/recording/replay/build-replay.ts';
import { removeReplay } from '../../server/recording/replay/replay-file.ts';
import { loudnessOf } from '../support/loudness.ts';
import { makeRecording } from '../support/raw-tracks.ts';
import { services } from '../support/services.ts';
import { decodeSound, SAMPLE_RATE, toneDbfs } from '../support/sound.ts';
import { ADA, BO, speak, tone } from '../support/voices.ts';

const { ffmpegBin } = services();
const SECONDS = 100;
const BEEP_AT = 95;
let folder: { dir: string; recordingId: string; recordingsDir: string };
let clips: ReturnType<typeof clipsService>;
let open: ReturnType<typeof openRecordings>;
const kept: { master: NewMaster; result: FinishedMaster }[] = [];
const withdrawn: string[] = [];
let whileKept = async (): Promise<void> => {};

/** A running take, 100 s old, whose replay has come as far; voices 20 LU apart, and a beep near the end. */
beforeAll(async () => {
  const ada = speak(ADA, SECONDS, -26);
  ada.set(tone(1000, 0.5, -10), BEEP_AT * SAMPLE_RATE);
  const { dir, timeline } = await makeRecording(ffmpegBin, [
    {
      tracks: [
        { speaker: 'Ada', pcm: ada },
        { speaker: 'Bo', pcm: speak(BO, SECONDS, -46) },
      ],
    },
  ]);
  await buildReplay(timeline.takes[0]!, { dir, ffmpegBin });
  folder = { dir, recordingId: dir.split('/').at(-1)!, recordingsDir: join(dir, '..') };
  open = openRecordings();
  running('capturing');
  clips = clipsService({
    masters: {
      addReady: async (master, result) => {
        kept.push({ master, result });
        await whileKept();
      },
      withdraw: async (id) => void withdrawn.push(id),
    },
    ...{ open, ffmpegBin, recordingsDir: folder.recordingsDir, clock: systemClock, changed: () => {} },
    log: createLog({ level: 'silent' }) as FastifyBaseLogger,
  });
  await clips.make({ liveSessionId: 'evening', title: '' }, { lastMs: 1_000 });
}, 60_000);

const running = (state: 'capturing' | 'closing'): void => {
  const { recordingId } = folder;
  const startedAtMs = Date.now() - SECONDS * 1000 - 1_000;
  const take = { id: 'take-0', recordingId, ordinal: 0, name: null, stopReason: null, state, startedAtMs };
  const recording = { id: recordingId, liveSessionId: 'evening', state: 'open', takes: [take] };
  open.put(recording as unknown as Parameters<typeof open.put>[0]);
};
const clip = async (order: ClipOrder) => {
  running('capturing');
  const startedAt = performance.now();
  await clips.make({ liveSessionId: 'evening', title: 'The square' }, order);
  const tookMs = performance.now() - startedAt;
  const { master, result } = kept.at(-1)!;
  return { master, result, tookMs, file: join(folder.dir, result.renditions[0]!.file) };
};

describe('a clip of a running take', () => {
  it('of ninety seconds is ready within two, at −16 ± 0.7 LUFS and at most −1 dBTP, with peaks', async () => {
    const { tookMs, file, result, master } = await clip({ lastMs: 90_000, title: 'The best of it' });
    console.log(`a clip of 90 s: ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(2_000);
    const { lufs, dbtp } = await loudnessOf(ffmpegBin, file);
    expect(Math.abs(lufs + 16)).toBeLessThanOrEqual(0.7);
    expect(dbtp).toBeLessThanOrEqual(-1);
    expect(Math.abs(result.durationMs - 90_000)).toBeLessThan(50);
    expect((await decodeSound(file, ffmpegBin)).length).toBe(Math.round((result.durationMs * SAMPLE_RATE) / 1000));
    const peaks = JSON.parse(await readFile(join(folder.dir, result.peaksFile), 'utf8')) as { lengthMs: number };
    expect(peaks.lengthMs).toBe(result.durationMs);
    expect(master).toMatchObject({ kind: 'clip', title: 'The best of it', recordingId: folder.recordingId });
    expect((await readFile(file)).includes('The best of it')).toBe(true);
  });

  it('holds what was said in its range', async () => {
    const { file, master } = await clip({ fromMs: 94_000, toMs: 96_500 });
    expect(master.cut).toEqual([{ takeId: 'take-0', fromMs: 94_000, toMs: 96_500 }]);
    const pcm = await decodeSound(file, ffmpegBin);
    const at = (ms: number) => pcm.subarray((ms * SAMPLE_RATE) / 1000, ((ms + 300) * SAMPLE_RATE) / 1000);
    expect(toneDbfs(at(1_100), 1000)).toBeGreaterThan(toneDbfs(at(600), 1000) + 20);
    expect(toneDbfs(at(1_100), 1000)).toBeGreaterThan(toneDbfs(at(1_700), 1000) + 20);
  });

  it('tells its host what it measures', async () => {
    const { master, result } = await clip({ lastMs: 2_000 });
    const seen = await qualityReader(folder.recordingsDir)({ ...master, ...result, state: 'ready' } as never);
    expect(seen).toMatchObject({ voices: [], files: [{ kind: 'mp3', durationMs: result.durationMs }], warnings: [] });
  });

  it('of what has not been said yet is refused', async () => {
    await expect(clip({ fromMs: 90_000, toMs: 170_000 })).rejects.toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/toMs' }],
    });
  });

  it('is one of two at once: a third is refused, so that a live room keeps its machine', async () => {
    running('capturing');
    const orders = [1, 2, 3].map(() => clips.make({ liveSessionId: 'evening', title: '' }, { lastMs: 1_000 }));
    const outcomes = await Promise.allSettled(orders);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'too-many-requests', retryAfterSeconds: 2 } });
    await clip({ lastMs: 1_000 });
  });

  it('in which a voice is taken back while it is made is withdrawn, and leaves no file', async () => {
    whileKept = () => removeReplay(folder.dir, 'take-0');
    await expect(clip({ lastMs: 1_000 })).rejects.toMatchObject({ code: 'replay-not-ready' });
    const { master, result } = kept.at(-1)!;
    expect(withdrawn).toEqual([master.id]);
    await expect(access(join(folder.dir, result.peaksFile))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is refused where nothing runs', async () => {
    running('closing');
    const make = (liveSessionId: string) => clips.make({ liveSessionId, title: '' }, { lastMs: 1_000 });
    await expect(make('evening')).rejects.toMatchObject({ code: 'recording-not-running' });
    await expect(make('other')).rejects.toMatchObject({ code: 'recording-not-running' });
  });
});
