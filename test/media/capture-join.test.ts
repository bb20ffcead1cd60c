import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptureRig } from '../support/capture-rig.ts';
import { beepTimesMs, captureRig, reached, takeOf } from '../support/capture-rig.ts';
import type { SlowSignal } from '../support/slow-signal.ts';
import { slowSignal } from '../support/slow-signal.ts';
import { SAMPLE_RATE } from '../support/sound.ts';
import { until } from '../support/wait.ts';

const ADA_HZ = 1000;

let rig: CaptureRig;
let signal: SlowSignal | undefined;
beforeEach(async () => {
  rig = await captureRig();
});
afterEach(async () => {
  await rig.close();
  signal?.close();
});

const captureThrough = async (keep: number) => {
  signal = await slowSignal(rig.room.mediaUrl, keep);
  return { signal, capture: await rig.capture({}, signal.mediaUrl) };
};

describe('a join that LiveKit does not answer', () => {
  it('is tried once more, and the take begins within five seconds', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const { capture } = await captureThrough(1);
    ada.talk(Date.now() + 200);
    const askedAt = performance.now();
    await capture.startTake(takeOf('take', 'ada'));
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    await reached(2_000, capture);
    await capture.finish();
    expect(await rig.take('take')).toMatchObject({ state: 'closed', gaps: [] });
  });

  it('twice is a Problem within five seconds, and the next start works', async () => {
    const { capture } = await captureThrough(2);
    const askedAt = performance.now();
    await expect(capture.startTake(takeOf('take'))).rejects.toMatchObject({ code: 'recording-unavailable' });
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    await capture.startTake(takeOf('next'));
    await capture.finish();
    expect(await rig.take('take')).toBeUndefined();
    expect((await rig.take('next')).state).toBe('closed');
  });

  it('and is answered after all takes nothing from the take that runs by then but a listed moment', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const { capture, signal: slow } = await captureThrough(1);
    ada.talk(Date.now() + 200);
    await capture.startTake(takeOf('take', 'ada'));
    expect(slow.waiting()).toBe(1);
    slow.letThrough();
    const { positionMs } = await capture.status();
    await reached(positionMs + 4_000, capture);
    expect(await capture.status()).toMatchObject({ state: 'capturing', takeId: 'take' });
    await capture.finish();
    const take = await rig.take('take');
    expect([take.state, take.stopReason]).toEqual(['closed', 'finished']);
    const onClock: number[] = [];
    for (const track of take.tracks) {
      const beginMs = take.startedAtMs + (track.offsetSamples * 1000) / SAMPLE_RATE;
      const heard = beepTimesMs(take, track, await rig.pcmOf(track), ADA_HZ);
      // One that the file begins in the middle of has no beginning.
      onClock.push(...heard.filter((at) => at - beginMs > 150));
    }
    expect(onClock.length).toBeGreaterThanOrEqual(3);
    for (const at of onClock) {
      const off = (at - onClock[0]!) % 1000;
      // Two connections, two jitter buffers, each 40 to 80 ms deep.
      expect(Math.min(off, 1000 - off)).toBeLessThan(150);
    }
  });

  it('is called off by a stop: no file, and the light stays dark, whatever is answered later', async () => {
    const ada = await rig.beeper('ada', ADA_HZ);
    const { capture, signal: slow } = await captureThrough(2);
    const start = capture.startTake(takeOf('take', 'ada')).catch((error: { code: string }) => error.code);
    await until(() => slow.waiting() === 1, { what: 'the recorder knocks' });
    const stopped = capture.stopTake();
    expect(await start).toBe('recording-not-running');
    expect(await stopped).toMatchObject({ samples: 0 });
    slow.letThrough();
    await capture.startTake(takeOf('next', 'ada'));
    await reached(500, capture);
    await capture.finish();
    await until(() => ada.bot.recordings.at(-1)?.on === false, { what: 'the light is off' });
    expect(await rig.take('take')).toBeUndefined();
    expect((await readdir(join(rig.dir, 'raw'))).every((name) => name.startsWith('next-'))).toBe(true);
  });
});
