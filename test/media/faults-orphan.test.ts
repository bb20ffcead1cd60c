import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptureRig } from '../support/capture-rig.ts';
import { captureRig, isAlive, takeOf } from '../support/capture-rig.ts';
import { until } from '../support/wait.ts';

let rig: CaptureRig;
beforeEach(async () => {
  rig = await captureRig();
});
afterEach(() => rig.close());

describe('a capture whose API is gone for good', () => {
  it('ends its take with the room, and itself soon after', async () => {
    const capture = await rig.capture({ idleMs: 2_000 });
    await capture.startTake(takeOf('take'));
    capture.detach();
    await rig.room.end();
    await until(() => !isAlive(capture.pid), { timeoutMs: 15_000, what: 'the capture has ended' });
    expect(await rig.take('take')).toMatchObject({ state: 'closed', stopReason: 'roomEnded' });
    expect(await rig.journal()).toContain('"captureStopped"');
  });

  it('ends at its longest duration at the latest, with its take closed', async () => {
    const capture = await rig.capture({ maxDurationMs: 4_000 });
    await capture.startTake(takeOf('take'));
    capture.detach();
    await until(() => !isAlive(capture.pid), { timeoutMs: 15_000, what: 'the capture has ended' });
    expect(await rig.take('take')).toMatchObject({ state: 'closed', stopReason: 'limitReached' });
  });
});
