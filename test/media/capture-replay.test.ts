import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptureHandle } from '../../server/recording/capture/capture.client.ts';
import { withdrawWithoutCapture } from '../../server/recording/capture/withdraw.ts';
import { buildReplay } from '../../server/recording/replay/build-replay.ts';
import { FRAME_SAMPLES, framesOf } from '../../server/recording/replay/frames.ts';
import { readReplay, replayPath, replayReachedMs, sliceReplay } from '../../server/recording/replay/replay-file.ts';
import type { CaptureRig } from '../support/capture-rig.ts';
import { allowed, captureRig, isAlive, takeOf } from '../support/capture-rig.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound, onsetsOf, toneDbfs } from '../support/sound.ts';
import { until } from '../support/wait.ts';

const ADA_HZ = 1000;
const BO_HZ = 1700;

let rig: CaptureRig;
beforeEach(async () => {
  rig = await captureRig();
});
afterEach(() => rig.close());

const reached = (positionMs: number, handle: CaptureHandle) =>
  until(async () => (await handle.status()).positionMs >= positionMs, { timeoutMs: 30_000, what: `${positionMs} ms` });

/** Two who beep at 1000 and 1700 Hz from now on. */
const twoSpeakers = async (): Promise<void> => {
  const [ada, bo] = await Promise.all([
    rig.beeper('ada', ADA_HZ, { everySeconds: 0.25 }),
    rig.beeper('bo', BO_HZ, { everySeconds: 0.25 }),
  ]);
  const t0 = Date.now() + 300;
  ada.talk(t0);
  bo.talk(t0);
};
const replayPcm = (takeId = 'take'): Promise<Int16Array> =>
  decodeSound(replayPath(rig.dir, takeId), services().ffmpegBin);
const between = (pcm: Int16Array, fromMs: number, toMs: number): Int16Array =>
  pcm.subarray(Math.round(fromMs * 48), Math.round(toMs * 48));
const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

/** The processes that a process has started and that still run. */
const childrenOf = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number);

describe('the replay of a take', () => {
  it('is there when the take has stopped: as long as the take, every voice where its file has it', async () => {
    await twoSpeakers();
    const capture = await rig.capture();
    await capture.startTake(takeOf('take', 'ada', 'bo'));
    await reached(6_000, capture);
    const { samples } = await capture.stopTake('paused');
    const replay = await readReplay(rig.dir, 'take');
    expect(replay).toMatchObject({ lengthSamples: samples });
    await capture.finish();

    const pcm = await replayPcm();
    expect(pcm).toHaveLength(framesOf(samples) * FRAME_SAMPLES);
    const take = await rig.take('take');
    expect(take).toMatchObject({ stopReason: 'paused', state: 'closed' });
    for (const [speaker, hz] of Object.entries({ ADA: ADA_HZ, BO: BO_HZ })) {
      const track = take.tracks.find((candidate) => candidate.speaker === speaker)!;
      const offset = track.offsetSamples / SAMPLE_RATE;
      const were = onsetsOf(await rig.pcmOf(track), hz).map((seconds) => seconds + offset);
      const are = onsetsOf(pcm, hz);
      const far = were.filter((at) => !are.some((other) => Math.abs(other - at) <= 0.01));
      expect(far.filter((at) => at > 0.05)).toEqual([]);
    }
    expect(Math.abs(replay!.gainDb!)).toBeLessThanOrEqual(20);
  });

  it('comes within half a second of the stop, ten times out of ten within two', async () => {
    await twoSpeakers();
    const capture = await rig.capture();
    const took: number[] = [];
    for (let index = 0; index < 10; index++) {
      const takeId = `take-${index}`;
      await capture.startTake({ ...takeOf(takeId, 'ada', 'bo'), ordinal: index });
      await reached(1_000, capture);
      const askedAt = performance.now();
      await capture.stopTake();
      expect(await readReplay(rig.dir, takeId)).toBeDefined();
      took.push(performance.now() - askedAt);
    }
    await capture.finish();
    expect(median(took)).toBeLessThan(500);
    expect(Math.max(...took)).toBeLessThan(2_000);
  });

  it('can be cut while the take goes on, a second and a half behind it', async () => {
    await twoSpeakers();
    const capture = await rig.capture();
    await capture.startTake(takeOf('take', 'ada', 'bo'));
    await reached(5_000, capture);
    const behindMs = (await capture.status()).positionMs - (await replayReachedMs(rig.dir, 'take'));
    expect(behindMs).toBeLessThan(1_500);
    expect(await sliceReplay(replayPath(rig.dir, 'take'), 1_000, 2_500)).toBeDefined();
    await capture.finish();
  });

  it('leaves a voice out from the moment it may not be published any more', async () => {
    await twoSpeakers();
    const capture = await rig.capture();
    await capture.startTake(takeOf('take', 'ada', 'bo'));
    await reached(3_000, capture);
    await capture.setAllowed([allowed('ada'), { ...allowed('bo'), consentId: 'later', published: false }]);
    const saidNoAt = (await capture.status()).positionMs;
    await reached(6_500, capture);
    await capture.finish();
    const pcm = await replayPcm();
    expect(toneDbfs(between(pcm, 500, saidNoAt - 500), BO_HZ)).toBeGreaterThan(-40);
    expect(toneDbfs(between(pcm, saidNoAt + 50, 6_500), BO_HZ)).toBeLessThan(-60);
    expect(toneDbfs(between(pcm, saidNoAt + 50, 6_500), ADA_HZ)).toBeGreaterThan(-40);
  });
});

describe('the death of the capture by SIGKILL', () => {
  it('leaves no encoder behind; the replay goes on in sync, silent where nobody was captured', async () => {
    await twoSpeakers();
    const first = await rig.capture();
    await first.startTake(takeOf('take', 'ada', 'bo'));
    await reached(4_000, first);
    const [encoder] = await childrenOf(first.pid);
    expect(isAlive(encoder!)).toBe(true);
    process.kill(first.pid, 'SIGKILL');
    await until(() => !isAlive(encoder!), { timeoutMs: 2_000, what: 'the encoder has ended' });

    const second = await rig.capture();
    await second.resumeTake(takeOf('take', 'ada', 'bo'));
    const resumedAt = (await second.status()).positionMs;
    await reached(resumedAt + 4_000, second);
    const { samples } = (await second.finish())!;
    expect(await readReplay(rig.dir, 'take')).toMatchObject({ lengthSamples: samples });

    const pcm = await replayPcm();
    expect(pcm).toHaveLength(framesOf(samples) * FRAME_SAMPLES);
    const are = onsetsOf(pcm, ADA_HZ);
    const were: number[] = [];
    for (const track of (await rig.take('take')).tracks) {
      if (track.speaker !== 'ADA' || track.epoch === 1) continue;
      const offset = track.offsetSamples / SAMPLE_RATE;
      const onsets = onsetsOf(await rig.pcmOf(track), ADA_HZ);
      were.push(...onsets.filter((seconds) => seconds > 0.1).map((seconds) => seconds + offset));
    }
    expect(were.filter((at) => !are.some((other) => Math.abs(other - at) <= 0.01))).toEqual([]);
    expect(were.length).toBeGreaterThan(10);
  });
});

describe('the death of the encoder', () => {
  it('ends nothing else; its replay is not served and can be built from the tracks', async () => {
    await twoSpeakers();
    const capture = await rig.capture();
    await capture.startTake(takeOf('take', 'ada', 'bo'));
    await reached(2_000, capture);
    const [encoder] = await childrenOf(capture.pid);
    process.kill(encoder!, 'SIGKILL');
    await until(async () => (await replayReachedMs(rig.dir, 'take')) === 0, { what: 'the replay is given up' });
    await reached(4_000, capture);
    expect(await capture.status()).toMatchObject({ state: 'capturing', tracks: 2 });
    const { samples } = await capture.stopTake();
    await capture.finish();
    expect(await readReplay(rig.dir, 'take')).toBeUndefined();

    await buildReplay(await rig.take('take'), { dir: rig.dir, ffmpegBin: services().ffmpegBin });
    expect(await readReplay(rig.dir, 'take')).toMatchObject({ lengthSamples: samples });
    expect(toneDbfs(await replayPcm(), BO_HZ)).toBeGreaterThan(-40);
  });
});

describe('marks', () => {
  it('lie in the take where it stood, and nowhere when none runs', async () => {
    const capture = await rig.capture();
    await expect(capture.mark('early', 'too early')).rejects.toMatchObject({ code: 'recording-not-running' });
    await capture.startTake(takeOf('take'));
    await reached(1_000, capture);
    const before = (await capture.status()).positionMs;
    const mark = await capture.mark('good', 'good part starts');
    expect(mark.takeId).toBe('take');
    expect(mark.atMs).toBeGreaterThanOrEqual(before);
    await capture.finish();
    const { marks } = await rig.take('take');
    expect(marks).toEqual([{ markId: 'good', label: 'good part starts', atSample: Math.round(mark.atMs * 48) }]);
  });
});

describe('a voice taken back', () => {
  const erasedFile = (file: string) => access(join(rig.dir, file));

  it('during a take is captured no more, is in no replay, and its files are gone', async () => {
    await twoSpeakers();
    const capture = await rig.capture();
    await capture.startTake(takeOf('take', 'ada', 'bo'));
    await reached(2_500, capture);
    const before = await rig.take('take');
    const [bo, ada] = ['BO', 'ADA'].map((name) => before.tracks.find(({ speaker }) => speaker === name)!);
    await capture.withdraw('seat-bo', true);
    await expect(erasedFile(bo!.file)).rejects.toThrow('ENOENT');
    await erasedFile(ada!.file);
    expect(await replayReachedMs(rig.dir, 'take')).toBe(0);
    // What was ordered before the withdrawal arrives after it
    await capture.setAllowed([allowed('ada'), allowed('bo')]);
    await reached(5_000, capture);
    await capture.stopTake();
    await capture.finish();

    const take = await rig.take('take');
    expect(take.tracks.map(({ speaker }) => speaker)).toEqual(['ADA']);
    expect(await readReplay(rig.dir, 'take')).toBeUndefined();
    await buildReplay(take, { dir: rig.dir, ffmpegBin: services().ffmpegBin });
    const pcm = await replayPcm();
    expect(toneDbfs(pcm, ADA_HZ)).toBeGreaterThan(-40);
    expect(toneDbfs(pcm, BO_HZ)).toBeLessThan(-60);
  });

  it('after the capture has ended leaves the tracks unpublished, and only the replays that held it are gone', async () => {
    await twoSpeakers();
    const capture = await rig.capture();
    await capture.startTake(takeOf('with', 'ada', 'bo'));
    await reached(1_500, capture);
    await capture.stopTake();
    await capture.startTake({ ...takeOf('without', 'ada'), ordinal: 1 });
    await reached(1_000, capture);
    await capture.finish();

    await withdrawWithoutCapture(rig.dir, { seatId: 'seat-bo', erase: false, atMs: Date.now() });
    expect(await readReplay(rig.dir, 'with')).toBeUndefined();
    expect(await readReplay(rig.dir, 'without')).toBeDefined();
    const published = (await rig.take('with')).tracks.map((track) => [track.speaker, track.published]);
    expect(published.toSorted()).toEqual([
      ['ADA', true],
      ['BO', false],
    ]);
  });
});
