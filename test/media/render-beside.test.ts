import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { render } from '../../server/recording/render/render.ts';
import type { Beeper, CaptureRig } from '../support/capture-rig.ts';
import { captureRig, takeOf } from '../support/capture-rig.ts';
import { makeRecording } from '../support/raw-tracks.ts';
import { services } from '../support/services.ts';
import { ADA, BO, speak } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const { ffmpegBin } = services();
const SPEAKERS = ['ada', 'bo', 'cy'];
const SECONDS = 12;
/** Jitter of the machine itself from one take to the next. */
const TOLERATED_MS = 200;
let rig: CaptureRig;
let beepers: Beeper[];

beforeAll(async () => {
  rig = await captureRig();
  beepers = await Promise.all(SPEAKERS.map((name, i) => rig.beeper(name, 600 + 300 * i)));
}, 60_000);
afterAll(() => rig.close());

it('a live recorded room loses no more sound while a master is rendered than without', async () => {
  const capture = await rig.capture();
  for (const { talk } of beepers) talk(Date.now() + 500);
  const gapsOf = async (takeId: string): Promise<number> => {
    await capture.startTake(takeOf(takeId, ...SPEAKERS));
    const end = Date.now() + SECONDS * 1000;
    await until(() => Date.now() >= end, { timeoutMs: SECONDS * 1000 + 5_000, what: 'the take is long enough' });
    const { gapMs } = await capture.status();
    await capture.stopTake();
    return gapMs;
  };
  const alone = await gapsOf('alone');

  const tracks = [ADA, BO].map((voice, i) => ({ speaker: `voice ${i}`, pcm: speak(voice, 240, -20) }));
  const { dir, timeline } = await makeRecording(ffmpegBin, [{ tracks }]);
  const control = new AbortController();
  let steps = 0;
  const onProgress = () => void (steps += 1);
  const rendering = render({ timeline, dir, ffmpegBin, job: 'beside' }, { signal: control.signal, onProgress });
  const over = rendering.catch(() => {});
  const beside = await gapsOf('beside');
  control.abort(new Error('measured'));
  await over;
  await rm(dir, { recursive: true, force: true });

  console.log(`gaps alone ${Math.round(alone)} ms, beside a render ${Math.round(beside)} ms`);
  expect(steps).toBeGreaterThan(3);
  expect(beside).toBeLessThanOrEqual(alone + TOLERATED_MS);
}, 120_000);
