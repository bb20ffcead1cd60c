/** Bar 11: nothing of what is said outside the lit intervals reaches the disk: before, in a pause, after. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { captureRig, takeOf } from '../../test/support/capture-rig.ts';
import { SAMPLE_RATE, onsetsOf } from '../../test/support/sound.ts';
import { until } from '../../test/support/wait.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { atMost } from './bar.ts';

const HZ = 1000;
const EVERY_SECONDS = 0.25;

/** Bytes below the folders that hold sound. */
const soundBytes = async (dir: string): Promise<number> => {
  let bytes = 0;
  for (const folder of ['raw', 'replay', 'work']) {
    for (const name of await readdir(join(dir, folder)).catch(() => []))
      bytes += (await stat(join(dir, folder, name))).size;
  }
  return bytes;
};

const measure = async ({ quick }: BenchOptions): Promise<Reading[]> => {
  const seconds = quick ? 3 : 10;
  const rig = await captureRig();
  try {
    const ada = await rig.beeper('ada', HZ, { everySeconds: EVERY_SECONDS });
    const capture = await rig.capture();
    const t0 = Date.now() + 300;
    ada.talk(t0);
    const after = (length: number) => {
      const end = Date.now() + length * 1000;
      return until(() => Date.now() >= end, { timeoutMs: (length + 5) * 1000 });
    };
    /** What the sound on the disk grows by while nobody is recorded. */
    const growth = async (): Promise<number> => {
      const before = await soundBytes(rig.dir);
      await after(seconds);
      return (await soundBytes(rig.dir)) - before;
    };
    let outside = await growth();
    const lit: { from: number; to: number }[] = [];
    for (const takeId of ['first', 'second']) {
      const { startedAtMs } = await capture.startTake({ ...takeOf(takeId, 'ada'), ordinal: lit.length });
      await after(seconds);
      const { stoppedAtMs } = await capture.stopTake(takeId === 'first' ? 'paused' : 'stopped');
      lit.push({ from: startedAtMs, to: stoppedAtMs });
      outside += await growth();
    }
    await capture.finish();
    let strayBeeps = 0;
    for (const [index, takeId] of ['first', 'second'].entries()) {
      const take = await rig.take(takeId);
      const { from, to } = lit[index]!;
      for (const track of take.tracks) {
        const onsets = onsetsOf(await rig.pcmOf(track), HZ);
        const at = onsets.map((onset) => take.startedAtMs + onset * 1000 + (track.offsetSamples * 1000) / SAMPLE_RATE);
        strayBeeps += at.filter((beep) => beep < from - 50 || beep > to + 50).length;
      }
    }
    return [
      atMost(11, `written before, between and after takes, ${3 * seconds} s of talk`, outside, 0, 'bytes', 0),
      atMost(11, 'sound in the files from outside their take', strayBeeps, 0, 'beeps', 0),
    ];
  } finally {
    await rig.close();
  }
};

export const darkBar: Bar = { bars: [11], measure };
