import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CaptureHandle } from '../../server/recording/capture/capture.client.ts';
import { adoptCapture } from '../../server/recording/capture/capture.client.ts';
import type { CaptureRig } from '../support/capture-rig.ts';
import { captureRig, isAlive, takeOf } from '../support/capture-rig.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE } from '../support/sound.ts';
import { lineOf, missingBeeps, takeGaps } from '../support/talking-clock.ts';
import { until } from '../support/wait.ts';

const HZ = 1000;
const EVERY = 0.5;

let rig: CaptureRig;
beforeEach(async () => {
  rig = await captureRig();
});
afterEach(() => rig.close());

/** Starts the capture on a clock that jumps at every SIGUSR2: + 1 h, − 1 h, and right again. */
const captureOnJumpingClock = async (): Promise<CaptureHandle> => {
  const main = fileURLToPath(new URL('../support/jumping-clock.main.ts', import.meta.url));
  const env = { NODE_ENV: 'production' };
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'ignore', 'ignore'], env });
  // Half an hour: a limit or a watchdog that asked for the time of day would end the capture at the first jump.
  child.stdin.write(`${JSON.stringify(await rig.startUp({ maxDurationMs: 1_800_000 }))}\n`);
  return until(() => adoptCapture(rig.dir, child.pid), { what: 'the capture is warm' });
};

const reached = (positionMs: number, capture: CaptureHandle) =>
  until(async () => (await capture.status()).positionMs >= positionMs, { timeoutMs: 30_000, what: `${positionMs} ms` });

it('a clock that jumps by an hour to and fro moves nothing on the timeline, and ends nothing', async () => {
  const ada = await rig.beeper('ada', HZ, { everySeconds: EVERY });
  const first = await captureOnJumpingClock();
  const t0 = Date.now() + 300;
  ada.talk(t0);
  await first.startTake(takeOf('take', 'ada'));
  for (const positionMs of [2_500, 5_000, 7_500]) {
    await reached(positionMs, first);
    process.kill(first.pid, 'SIGUSR2');
  }
  await reached(9_000, first);
  // On the wrong hour again, it is killed, and the next one goes on, on the right one
  process.kill(first.pid, 'SIGUSR2');
  await reached(10_000, first);
  const killedAt = (Date.now() - t0) / 1000;
  process.kill(first.pid, 'SIGKILL');
  await until(() => !isAlive(first.pid), { what: 'the capture is dead' });
  const second = await rig.capture();
  await second.resumeTake(takeOf('take', 'ada'));
  await reached(15_000, second);
  const stopped = await second.stopTake();
  const seconds = (Date.now() - t0) / 1000;
  await second.finish();

  const take = await rig.take('take');
  const clock = { dir: rig.dir, take, t0, ffmpegBin: services().ffmpegBin };
  const { beeps: heard } = await lineOf(clock, 'ADA', HZ);
  const gaps = takeGaps(clock);
  expect(gaps.map(({ reason }) => reason)).toEqual(['captureLost']);
  expect(gaps[0]!.from).toBeGreaterThan(killedAt - 2);
  expect(gaps[0]!.to).toBeLessThan(killedAt + 5);
  expect(missingBeeps(heard, EVERY, { from: 1, to: gaps[0]!.from - 0.3 })).toEqual([]);
  expect(missingBeeps(heard, EVERY, { from: gaps[0]!.to + 0.3, to: seconds - 0.5 })).toEqual([]);
  expect(Math.abs(stopped.samples / SAMPLE_RATE - (stopped.stoppedAtMs - take.startedAtMs) / 1000)).toBeLessThan(0.1);
  expect(Math.abs((take.startedAtMs - t0) / 1000 + take.lengthSamples / SAMPLE_RATE - seconds)).toBeLessThan(0.3);
});
