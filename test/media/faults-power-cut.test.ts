import { open, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOURNAL_FILE, readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { buildReplay } from '../../server/recording/replay/build-replay.ts';
import { FRAME_BYTES, FRAME_SAMPLES } from '../../server/recording/replay/frames.ts';
import { replayPath } from '../../server/recording/replay/replay-file.ts';
import { writeCapturedFolder } from '../support/captured-folder.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound, onsetsOf } from '../support/sound.ts';
import { missingBeeps } from '../support/talking-clock.ts';
import { ADA, beeps, speak } from '../support/voices.ts';

const SECONDS = 30;
const HZ = 3000;
const EVERY = 0.5;
const HOLE_BYTES = 4096;
const ROUNDS = 6;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'loggia-power-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Speech, so that the file is as dense as in life, with a beep above it twice a second. */
const talking = (): Int16Array => {
  const pcm = speak(ADA, SECONDS, -36);
  const clock = beeps(HZ, SECONDS, EVERY, -6);
  return pcm.map((sample, at) => Math.max(-32_768, Math.min(32_767, sample + clock[at]!)));
};

/** Park and Miller's minimal generator: numbers in [0, 1), the same on every machine. */
const randomFrom = (seed: number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

const capturedFolder = async (): Promise<{ dir: string; file: string; bytes: Buffer }> => {
  const dir = join(root, 'rec');
  await writeCapturedFolder(dir, [{ tracks: [{ speaker: 'Ada', pcm: talking() }], stopped: false }]);
  const [track] = (await readTimeline(dir)).takes[0]!.tracks;
  const file = join(dir, track!.file);
  return { dir, file, bytes: await readFile(file) };
};

const makeHole = async (file: string, at: number): Promise<void> => {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(HOLE_BYTES), 0, HOLE_BYTES, at);
  await handle.close();
};

const { ffmpegBin } = services();
const heardIn = async (file: string): Promise<number[]> => onsetsOf(await decodeSound(file, ffmpegBin), HZ);

/** The replay that is built from what is left; out of step is a beep more than 20 ms off, unless it is itself damaged. */
const replayOf = async (dir: string, damagedAt: number): Promise<{ beeps: number[]; outOfStep: number[] }> => {
  const [take] = (await readTimeline(dir)).takes;
  await buildReplay(take!, { dir, ffmpegBin });
  const heard = await heardIn(replayPath(dir, take!.takeId));
  const whole = heard.filter((at) => at > EVERY / 2 && Math.abs(at - damagedAt) > 1);
  return { beeps: heard, outOfStep: whole.filter((at) => Math.abs(at - Math.round(at / EVERY) * EVERY) > 0.02) };
};

describe('the power goes in the middle of a take', () => {
  it('and cuts its file at any byte: what was on the disk but 2 s is there, in sync, in the replay too', async () => {
    const { dir, file, bytes } = await capturedFolder();
    const random = randomFrom(9);
    for (let round = 0; round < ROUNDS; round++) {
      const cut = Math.floor(bytes.length * (0.2 + 0.8 * random()));
      await writeFile(file, bytes);
      await truncate(file, cut);
      const left = (SECONDS * cut) / bytes.length;
      const [take] = (await readTimeline(dir)).takes;
      expect(Math.abs(take!.tracks[0]!.lengthSamples / SAMPLE_RATE - left), `cut at byte ${cut}`).toBeLessThan(2);
      const { beeps: heard, outOfStep } = await replayOf(dir, left);
      expect(missingBeeps(heard, EVERY, { from: 0, to: left - 2 }), `cut at byte ${cut}`).toEqual([]);
      expect(outOfStep, `cut at byte ${cut}`).toEqual([]);
    }
  });

  it('and leaves a hole of 4 KiB: at most 2 s are lost, the rest is in sync', async () => {
    const { dir, file, bytes } = await capturedFolder();
    const random = randomFrom(4);
    for (let round = 0; round < ROUNDS; round++) {
      const at = Math.floor((bytes.length - HOLE_BYTES) * random());
      await writeFile(file, bytes);
      await makeHole(file, at);
      const { beeps: heard, outOfStep } = await replayOf(dir, (SECONDS * at) / bytes.length);
      const missing = missingBeeps(heard, EVERY, { from: 0, to: SECONDS - 0.6 });
      expect(missing.length * EVERY, `hole at byte ${at}: ${missing.join(' ')}`).toBeLessThanOrEqual(2);
      expect(outOfStep, `hole at byte ${at}`).toEqual([]);
    }
  });

  it('and tears the journal: every whole line is read, wherever it is cut', async () => {
    const { dir } = await capturedFolder();
    const file = join(dir, JOURNAL_FILE);
    const bytes = await readFile(file);
    const firstTake = bytes.indexOf('\n', bytes.indexOf('"trackOpened"'));
    for (let cut = bytes.length - 1; cut > firstTake; cut -= 7) {
      await truncate(file, cut);
      const [take] = (await readTimeline(dir)).takes;
      expect([take!.state, take!.tracks.length]).toEqual(['open', 1]);
      expect(take!.tracks[0]!.lengthSamples).toBeGreaterThan((SECONDS - 0.2) * SAMPLE_RATE);
    }
  });

  it('and cuts the replay at any byte, or leaves a hole in it: it plays, and the rest is in sync', async () => {
    const { dir } = await capturedFolder();
    const [take] = (await readTimeline(dir)).takes;
    await buildReplay(take!, { dir, ffmpegBin });
    const replay = replayPath(dir, take!.takeId);
    const bytes = await readFile(replay);
    const random = randomFrom(14);
    for (let round = 0; round < ROUNDS; round++) {
      const cut = Math.floor(bytes.length * (0.2 + 0.8 * random()));
      await writeFile(replay, bytes.subarray(0, cut));
      const left = (Math.floor(cut / FRAME_BYTES) * FRAME_SAMPLES) / SAMPLE_RATE;
      const whole = await heardIn(replay);
      expect(missingBeeps(whole, EVERY, { from: 0, to: left - 0.5 })).toEqual([]);
    }
    const hole = Math.floor(bytes.length / 2 / FRAME_BYTES) * FRAME_BYTES;
    const holed = Buffer.from(bytes).fill(0, hole, hole + HOLE_BYTES);
    // As a player does that knows no index: the hole is skipped, what comes after it is sound again.
    await writeFile(replay, holed.subarray(hole + HOLE_BYTES));
    const after = await heardIn(replay);
    expect(after.length).toBeGreaterThan(20);
    await writeFile(replay, holed);
    const all = await heardIn(replay);
    expect(missingBeeps(all, EVERY, { from: 0, to: SECONDS / 2 - 0.5 })).toEqual([]);
  });
});
