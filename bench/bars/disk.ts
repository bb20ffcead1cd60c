/** Bar 10: a disk that answers with EIO, and one that is full, in the middle of a take. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptureHandle } from '../../server/recording/capture/capture.client.ts';
import type { CaptureRig } from '../../test/support/capture-rig.ts';
import { captureRig, takeOf } from '../../test/support/capture-rig.ts';
import { failCalls, smallDisk } from '../../test/support/failing-disk.ts';
import { SAMPLE_RATE, onsetsOf } from '../../test/support/sound.ts';
import { missingBeeps } from '../../test/support/talking-clock.ts';
import { until } from '../../test/support/wait.ts';
import type { Bar, Reading } from './bar.ts';
import { atMost, notMeasured } from './bar.ts';

const HZ = 1000;
const EVERY_SECONDS = 0.25;
const LOUDLY_MS = 3_000;

type Outcome = { reason: string; lateMs: number; missing: number };

const stopOf = (capture: CaptureHandle): Promise<{ reason: string; saidAtMs: number }> =>
  new Promise((resolve) => {
    capture.onEvent((event) => {
      if (event.event === 'takeStopped') resolve({ reason: event.stopped.reason, saidAtMs: Date.now() });
    });
  });

/** Beeps of before the failure, less the last second, that do not play. */
const missingBefore = async (rig: CaptureRig, t0: number, failedAt: number): Promise<number> => {
  const take = await rig.take('take');
  const [track] = take.tracks;
  const onsets = onsetsOf(await rig.pcmOf(track!), HZ);
  const heard = onsets.map((at) => (take.startedAtMs - t0) / 1000 + at + track!.offsetSamples / SAMPLE_RATE);
  const from = (take.startedAtMs - t0) / 1000 + 0.5;
  return missingBeeps(heard, EVERY_SECONDS, { from, to: (failedAt - t0) / 1000 - 1 }).length;
};

const inRig = async (work: (rig: CaptureRig) => Promise<Outcome>): Promise<Outcome> => {
  const rig = await captureRig();
  try {
    return await work(rig);
  } finally {
    await rig.close();
  }
};

/** `fail` makes the disk fail, and answers the epoch ms from which it does. */
const failing = (
  limits: Parameters<CaptureRig['capture']>[0],
  fail: (rig: CaptureRig, pid: number) => Promise<number>,
) =>
  inRig(async (rig) => {
    const ada = await rig.beeper('ada', HZ, { everySeconds: EVERY_SECONDS });
    const capture = await rig.capture(limits);
    const t0 = Date.now() + 300;
    ada.talk(t0);
    await capture.startTake(takeOf('take', 'ada'));
    const stopped = stopOf(capture);
    await until(async () => (await capture.status()).positionMs > 4_000, { what: 'four seconds' });
    const failedAt = await fail(rig, capture.pid);
    const { reason, saidAtMs } = await stopped;
    await capture.finish().catch(() => {});
    return { reason, lateMs: saidAtMs - failedAt, missing: await missingBefore(rig, t0, failedAt) };
  });

const ioError = () =>
  failing({}, async (rig, pid) => {
    const [raw] = await readdir(join(rig.dir, 'raw'));
    const calls = await failCalls({ pid, file: join(rig.dir, 'raw', raw!), name: 'write', error: 'EIO' });
    const failedAt = await calls.failedAt;
    await calls.stop();
    return failedAt;
  });

/** The disk is small from the start; it is full when the raw file grows no more. */
const full = () =>
  inRig(async (rig) => {
    const ada = await rig.beeper('ada', HZ, { everySeconds: EVERY_SECONDS });
    const capture = await rig.capture({ startFreeBytes: 0, stopFreeBytes: 0 });
    const raw = join(rig.dir, 'raw');
    await mkdir(raw, { recursive: true });
    const disk = await smallDisk({ dir: raw, pid: capture.pid, bytes: 96 * 1024 });
    try {
      const t0 = Date.now() + 300;
      ada.talk(t0);
      await capture.startTake(takeOf('take', 'ada'));
      const { reason, saidAtMs } = await stopOf(capture);
      const { startedAtMs, lengthSamples } = await rig.take('take');
      const failedAt = startedAtMs + (lengthSamples * 1000) / SAMPLE_RATE;
      await capture.finish().catch(() => {});
      return { reason, lateMs: saidAtMs - failedAt, missing: await missingBefore(rig, t0, failedAt - 1_000) };
    } finally {
      await disk.dispose();
    }
  });

const readingsOf = async (what: string, run: () => Promise<Outcome>): Promise<Reading[]> => {
  try {
    const { reason, lateMs, missing } = await run();
    return [
      atMost(10, `${what}: stops and says why (${reason})`, lateMs, LOUDLY_MS, 'ms', 0),
      atMost(10, `${what}: of what was before does not play`, missing, 0, 'beeps', 0),
    ];
  } catch (error) {
    return [notMeasured(10, what, `≤ ${LOUDLY_MS} ms`, (error as Error).message)];
  }
};

export const diskBar: Bar = {
  bars: [10],
  measure: async () => [...(await readingsOf('EIO', ioError)), ...(await readingsOf('disk full', full))],
};
