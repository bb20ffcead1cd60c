import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import type { Bot } from '../support/bot.ts';
import type { CaptureRig } from '../support/capture-rig.ts';
import { beepTimesMs, captureRig, takeOf } from '../support/capture-rig.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, writeWav } from '../support/sound.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const SECONDS = 24;
const EVERY_MS = 500;
const HZ = { ada: 1000, bo: 1700, cy: 2500, dee: 3100 };
type Name = keyof typeof HZ;

let rig: CaptureRig;
let bots: Bot[];
let t0: number;
beforeEach(async () => {
  rig = await captureRig();
  bots = [];
});
afterEach(async () => {
  await Promise.all(bots.map((bot) => bot.leave().catch(() => {})));
  await rig.close();
});

/** Beeps on the same beats of the clock, whoever says them: from t0 on, or from the next beat that can be met. */
const speaks = (bot: Bot, name: Name): void => {
  const beats = Math.max(0, Math.ceil((Date.now() + 300 - t0) / EVERY_MS));
  void bot.talk(join(rig.dir, `${name}.wav`), t0 + beats * EVERY_MS, services().ffmpegBin).catch(() => {});
};

const joins = async (name: Name): Promise<Bot> => {
  await writeWav(join(rig.dir, `${name}.wav`), beeps(HZ[name], SECONDS, EVERY_MS / 1000));
  const bot = await rig.room.join('speaker', name);
  bots.push(bot);
  return bot;
};

const leaves = async (bot: Bot): Promise<void> => {
  bots = bots.filter((other) => other !== bot);
  await bot.leave();
};

const atSecond = (second: number): Promise<true> =>
  until(() => Date.now() >= t0 + second * 1000, { timeoutMs: 40_000, what: `second ${second}` });

/** The beeps of everybody, in ms of the wall clock; one that a file begins in the middle of has no beginning. */
const beepsOf = async (take: TimelineTake, name: Name): Promise<number[]> => {
  const found: number[] = [];
  for (const track of take.tracks.filter(({ identity }) => identity === name)) {
    const pcm = await rig.pcmOf(track);
    expect(pcm.length).toBe(track.lengthSamples);
    const beginMs = take.startedAtMs + (track.offsetSamples * 1000) / SAMPLE_RATE;
    found.push(...beepTimesMs(take, track, pcm, HZ[name]).filter((at) => at - beginMs > 150));
  }
  return found.toSorted((a, b) => a - b);
};

/** How far each lies from where the reference says that beeps lie, sorted. */
const offsetsFrom = (reference: number[], times: number[]): number[] => {
  const phases = reference.map((at) => (at - t0) % EVERY_MS).toSorted((a, b) => a - b);
  const phase = phases[Math.floor(phases.length / 2)]!;
  return times
    .map((at) => Math.abs(((at - t0 - phase + 1.5 * EVERY_MS) % EVERY_MS) - EVERY_MS / 2))
    .toSorted((a, b) => a - b);
};
const percentile = (sorted: number[], share: number): number => sorted[Math.ceil(sorted.length * share) - 1]!;

/**
 * Bots that start in the middle of a take starve everybody's jitter buffers for a moment, of a bare recorder as well
 * (the bench compares the two); nobody is off for long, and nobody by more than the step at which zeros are filled in.
 */
const expectInTime = (offsets: number[], what: string): void => {
  const seen = `${what}: ${offsets.map(Math.round).join(' ')}`;
  expect(percentile(offsets, 0.5), seen).toBeLessThanOrEqual(60);
  expect(percentile(offsets, 0.95), seen).toBeLessThanOrEqual(120);
};

const expectOnOneLine = async (take: TimelineTake, least: Partial<Record<Name, number>>): Promise<void> => {
  const reference = await beepsOf(take, 'ada');
  for (const [name, count] of Object.entries(least) as [Name, number][]) {
    const heard = await beepsOf(take, name);
    expect(heard.length, name).toBeGreaterThanOrEqual(count);
    expectInTime(offsetsFrom(reference, heard), name);
  }
};

const secondsOf = (take: TimelineTake, name: Name): number[] =>
  take.tracks.filter(({ identity }) => identity === name).map(({ lengthSamples }) => lengthSamples / SAMPLE_RATE);

describe('one line of time', () => {
  it('holds who comes late, who mutes, and who changes the microphone twice', async () => {
    const [ada, bo, dee] = await Promise.all([joins('ada'), joins('bo'), joins('dee')]);
    const capture = await rig.capture();
    t0 = Date.now() + 500;
    [ada, bo, dee].forEach((bot, i) => speaks(bot, (['ada', 'bo', 'dee'] as const)[i]!));
    const { startedAtMs } = await capture.startTake(takeOf('take', 'ada', 'bo', 'cy', 'dee'));
    await atSecond(4);
    await bo.mute(true);
    await dee.unpublish();
    await dee.publish();
    speaks(dee, 'dee');
    speaks(await joins('cy'), 'cy');
    await atSecond(8);
    await bo.mute(false);
    await dee.unpublish();
    await dee.publish();
    speaks(dee, 'dee');
    await atSecond(14);
    const stopped = await capture.stopTake();
    await capture.finish();

    const take = await rig.take('take');
    expect(stopped.stoppedAtMs - startedAtMs).toBeCloseTo((stopped.samples * 1000) / SAMPLE_RATE, 0);
    expect([take.lengthSamples, take.gaps]).toEqual([stopped.samples, []]);
    await expectOnOneLine(take, { ada: 22, bo: 12, cy: 10, dee: 16 });
    expect([secondsOf(take, 'ada'), secondsOf(take, 'bo')].map(({ length }) => length)).toEqual([1, 1]);
    expect(secondsOf(take, 'dee').length).toBe(3);
    const muted = (await beepsOf(take, 'bo')).filter((at) => at > t0 + 4_700 && at < t0 + 8_000);
    expect(muted).toEqual([]);
  });

  it('holds who freezes for two seconds, and who leaves and comes back five times', async () => {
    const [ada, bo] = await Promise.all([joins('ada'), joins('bo')]);
    let cy = await joins('cy');
    const capture = await rig.capture();
    t0 = Date.now() + 500;
    speaks(ada, 'ada');
    speaks(bo, 'bo');
    speaks(cy, 'cy');
    await capture.startTake(takeOf('take', 'ada', 'bo', 'cy'));
    for (let times = 0; times < 5; times++) {
      await atSecond(3 + times * 3);
      if (times === 2) process.kill(bo.pid, 'SIGSTOP');
      await leaves(cy);
      cy = await joins('cy');
      speaks(cy, 'cy');
      if (times === 2) {
        await atSecond(11);
        process.kill(bo.pid, 'SIGCONT');
      }
    }
    await atSecond(19);
    const stopped = await capture.stopTake();
    await capture.finish();

    const take = await rig.take('take');
    expect([take.lengthSamples, take.gaps]).toEqual([stopped.samples, []]);
    expect(secondsOf(take, 'cy').length).toBe(6);
    expect(secondsOf(take, 'bo').length).toBe(1);
    await expectOnOneLine(take, { ada: 30, cy: 18 });
    // What a frozen process says when it thaws comes in a burst.
    const bos = (await beepsOf(take, 'bo')).filter((at) => at < t0 + 9_000 || at > t0 + 12_500);
    expect(bos.length).toBeGreaterThanOrEqual(24);
    expectInTime(offsetsFrom(await beepsOf(take, 'ada'), bos), 'bo');
    const frozen = (await beepsOf(take, 'bo')).filter((at) => at > t0 + 9_400 && at < t0 + 10_900);
    expect(frozen).toEqual([]);
    const [bosFile] = take.tracks.filter(({ identity }) => identity === 'bo');
    const listed = bosFile!.gaps.filter(({ fromSample, toSample }) => toSample - fromSample > SAMPLE_RATE);
    expect(listed.length).toBe(1);
  });
});

it('a microphone that is published anew is under the consent of now, not of before', async () => {
  const ada = await joins('ada');
  const capture = await rig.capture();
  t0 = Date.now() + 200;
  speaks(ada, 'ada');
  await capture.startTake(takeOf('take', 'ada'));
  await atSecond(1.5);
  await ada.unpublish();
  await until(async () => (await capture.status()).tracks === 0, { what: 'the track is closed' });
  await capture.setAllowed([]);
  await ada.publish();
  speaks(ada, 'ada');
  await atSecond(5);
  await capture.finish();
  expect((await rig.take('take')).tracks.map(({ epoch }) => epoch)).toEqual([1]);
});
