/**
 * Bar 16: a start while LiveKit hangs, while the disk is full, and with an ffmpeg that is not there: an answer with the
 * reason within 5 s, and the next start works. LiveKit is stopped, not killed: nobody starts it again.
 */
import { join } from 'node:path';
import { Problem } from '../../server/problems.ts';
import type { CaptureRig } from '../../test/support/capture-rig.ts';
import { captureRig, takeOf } from '../../test/support/capture-rig.ts';
import { until } from '../../test/support/wait.ts';
import { startWholeHouse } from '../../test/support/whole-house.ts';
import type { Bar, Reading } from './bar.ts';
import { notMeasured } from './bar.ts';

const WITHIN_MS = 5_000;
const BOUND = `a reason ≤ ${WITHIN_MS / 1000} s, the next start works`;

const reading = (what: string, answer: { ms: number; said: string }, next: boolean): Reading => ({
  ...{ bar: 16, what, bound: BOUND },
  measured: `${answer.said} after ${(answer.ms / 1000).toFixed(1)} s, the next ${next ? 'works' : 'FAILS'}`,
  ok: answer.ms <= WITHIN_MS && answer.said !== '' && next,
});

/** What a start was answered with. */
const answered = async (start: () => Promise<unknown>): Promise<{ ms: number; said: string }> => {
  const startedAt = performance.now();
  const said = await start().then(
    () => 'it records',
    (error: unknown) => (error instanceof Problem ? error.code : (error as Error).message),
  );
  return { ms: performance.now() - startedAt, said };
};

const works = (start: () => Promise<unknown>): Promise<boolean> =>
  until(() => start().then(() => true), { timeoutMs: 30_000, everyMs: 500 }).catch(() => false);

const livekitHangs = async (): Promise<Reading> => {
  const whole = await startWholeHouse();
  try {
    const { room } = await whole.evening('Ada');
    const pid = whole.stack.pids()['LiveKit']!;
    process.kill(pid, 'SIGSTOP');
    const start = () => whole.house.startRecording(room);
    const answer = await answered(start).finally(() => process.kill(pid, 'SIGCONT'));
    return reading('LiveKit does not answer', answer, await works(start));
  } finally {
    await whole.stop();
  }
};

const inRig = async (work: (rig: CaptureRig) => Promise<Reading>): Promise<Reading> => {
  const rig = await captureRig();
  try {
    return await work(rig);
  } finally {
    await rig.close();
  }
};

const begin = async (rig: CaptureRig, limits: Parameters<CaptureRig['capture']>[0], takeId: string): Promise<void> => {
  const capture = await rig.capture(limits);
  try {
    await capture.startTake(takeOf(takeId));
  } finally {
    await capture.finish().catch(() => {});
  }
};

/** No disk is that large: the same look at the free space that a nearly full one fails. */
const diskFull = () =>
  inRig(async (rig) => {
    const answer = await answered(() => begin(rig, { startFreeBytes: Number.MAX_SAFE_INTEGER }, 'full'));
    return reading('too little space', answer, await works(() => begin(rig, {}, 'next')));
  });

/** Sound is captured in process: without an ffmpeg there is a recording, whose replay is made later. */
const noFfmpeg = () =>
  inRig(async (rig) => {
    const { spawnCapture } = await import('../../server/recording/capture/capture.client.ts');
    const absent = { ...(await rig.startUp()), ffmpegBin: join(rig.dir, 'no-ffmpeg-here') };
    const answer = await answered(async () => {
      const capture = await spawnCapture(absent);
      await capture.startTake(takeOf('absent'));
      await until(async () => (await capture.status()).positionMs > 1_000, { what: 'a second is captured' });
      await capture.finish();
    });
    return reading('ffmpeg is not there', answer, await works(() => begin(rig, {}, 'next')));
  });

const or = async (what: string, run: () => Promise<Reading>): Promise<Reading> =>
  run().catch((error: unknown) => notMeasured(16, what, BOUND, (error as Error).message));

export const absentBar: Bar = {
  bars: [16],
  measure: async () => [
    await or('LiveKit does not answer', livekitHangs),
    await or('too little space', diskFull),
    await or('ffmpeg is not there', noFfmpeg),
  ],
};
