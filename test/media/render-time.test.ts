import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { render, type RenderInput } from '../../server/recording/render/render.ts';
import { chirp, findIn, placed } from '../support/chirp.ts';
import { makeRecording, type RawTake } from '../support/raw-tracks.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound, levelDbfs } from '../support/sound.ts';
import { ADA, speak, tone } from '../support/voices.ts';

const { ffmpegBin } = services();
const at = (seconds: number): number => Math.round(seconds * SAMPLE_RATE);
const RISE = chirp(2000, 6000);
const FALL = chirp(6500, 2500);

const master = async (takes: RawTake[], options: Partial<RenderInput> = {}): Promise<Int16Array> => {
  const { dir, timeline } = await makeRecording(ffmpegBin, takes);
  const result = await render({ timeline, dir, ffmpegBin, job: 'j', tone: false, ...options });
  return decodeSound(result.masterFile, ffmpegBin);
};

it('a sound lies in the master at the very sample at which it was captured', async () => {
  const positions = [at(1), at(3) + 1, at(7) + 13];
  const found = await master([{ tracks: [{ speaker: 'Ada', pcm: placed(10, RISE, ...positions) }] }]);
  expect(positions.map((position) => findIn(found, RISE, position))).toEqual(positions);
});

describe('a cut', () => {
  const takes: RawTake[] = [
    { tracks: [{ speaker: 'Ada', pcm: placed(10, RISE, at(4)) }], lengthSamples: at(10) + 5 },
    { tracks: [{ speaker: 'Ada', pcm: placed(6, FALL, at(2)) }] },
  ];

  it('takes ranges in any order, each in and out exact to the sample', async () => {
    const cut = [
      { takeId: 'take-1', fromMs: 1001, toMs: 4000 },
      { takeId: 'take-0', fromMs: 3500, toMs: 5250 },
      { takeId: 'take-0', fromMs: 9000, toMs: 60_000 },
    ];
    const found = await master(takes, { cut });
    const [first, second, third] = [at(4) - at(1.001), at(5.25) - at(3.5), at(1) + 5];
    expect(found.length).toBe(first + second + third);
    const falls = at(2) - at(1.001);
    const rises = first + at(0.5);
    expect([findIn(found, FALL, falls), findIn(found, RISE, rises)]).toEqual([falls, rises]);
  });

  it('joins without a click', async () => {
    const steady = [{ tracks: [{ speaker: 'Ada', pcm: tone(441, 8, -12) }] }];
    const cut = [
      { takeId: 'take-0', fromMs: 1000, toMs: 3001 },
      { takeId: 'take-0', fromMs: 5000, toMs: 7000 },
    ];
    const found = await master(steady, { cut });
    const seam = at(2.001);
    const steepest = (from: number, to: number): number => {
      let most = 0;
      for (let i = from; i < to; i++) most = Math.max(most, Math.abs(found[i]! - found[i - 1]!));
      return most;
    };
    const excess = steepest(seam - at(0.02), seam + at(0.02)) - steepest(at(1), at(1.1));
    expect(excess).toBeLessThan(32_768 * 10 ** (-40 / 20));
    expect(Math.abs(found[seam]!)).toBeLessThan(32_768 * 10 ** (-40 / 20));
  });

  it('without a sample in it is a Problem', async () => {
    const nothing = [{ takeId: 'take-7', fromMs: 0, toMs: 1000 }];
    await expect(master(takes, { cut: nothing })).rejects.toMatchObject({ code: 'nothing-recorded' });
  });
});

it('tracks that begin at different times, rejoin and pause stay in step', async () => {
  const late = at(2) + 7;
  const rejoined = at(12);
  const moment = at(15) + 3;
  const early = placed(20, RISE, moment, at(18));
  const first = { speaker: 'Bo', pcm: speak(ADA, 6, -30), offsetSamples: late };
  const second = { speaker: 'Bo', pcm: placed(8, FALL, moment - rejoined), offsetSamples: rejoined };
  const found = await master([{ tracks: [{ speaker: 'Ada', pcm: early }, first, second] }]);
  expect(findIn(found, RISE, moment)).toBe(moment);
  expect(findIn(found, FALL, moment)).toBe(moment);
});

it('gaps of 5 s, 100 ms and 20 ms stay silence of that length', async () => {
  const gaps = [
    { from: at(4), length: at(5) },
    { from: at(12), length: at(0.1) },
    { from: at(15), length: at(0.02) },
  ];
  const pcm = speak({ ...ADA, seed: 3 }, 20, -24);
  for (const { from, length } of gaps) pcm.fill(0, from, from + length);
  pcm.set(RISE, at(18));
  const found = await master([{ tracks: [{ speaker: 'Ada', pcm }] }]);
  const long = found.subarray(at(4.1), at(9) - at(0.03));
  expect(levelDbfs(long)).toBe(-Infinity);
  expect(levelDbfs(found.subarray(at(12.04), at(12.06)))).toBeLessThan(-50);
  expect(findIn(found, RISE, at(18))).toBe(at(18));
});

describe('a damaged track', () => {
  const damaged = async (damage: (bytes: Buffer) => Buffer): Promise<Int16Array> => {
    const pcm = speak(ADA, 20, -24);
    pcm.set(RISE, at(2));
    pcm.set(RISE, at(18));
    const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks: [{ speaker: 'Ada', pcm }] }]);
    const file = join(dir, 'raw/take-0-0-1.flac');
    await writeFile(file, damage(await readFile(file)));
    const result = await render({ timeline, dir, ffmpegBin, job: 'j', tone: false });
    return decodeSound(result.masterFile, ffmpegBin);
  };

  it('with a hole of 4 KiB keeps its length and everything after the hole in its place', async () => {
    const found = await damaged((bytes) => bytes.fill(0, bytes.length / 2, bytes.length / 2 + 4096));
    expect(found.length).toBe(at(20));
    expect(Math.abs(findIn(found, RISE, at(18)) - at(18))).toBeLessThanOrEqual(at(0.02));
  });

  it('cut off at any byte keeps its length and everything before the cut in its place', async () => {
    const found = await damaged((bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.613)));
    expect(found.length).toBe(at(20));
    expect(findIn(found, RISE, at(2))).toBe(at(2));
    expect(levelDbfs(found.subarray(at(14)))).toBe(-Infinity);
  });
});
