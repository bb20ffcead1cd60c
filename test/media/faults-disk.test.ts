import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CaptureHandle } from '../../server/recording/capture/capture.client.ts';
import type { TakeStopped } from '../../server/recording/capture/control.schema.ts';
import { JOURNAL_FILE, readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { CaptureRig } from '../support/capture-rig.ts';
import { captureRig, takeOf } from '../support/capture-rig.ts';
import { eventClient } from '../support/event-client.ts';
import type { SmallDisk } from '../support/failing-disk.ts';
import { failCalls, smallDisk } from '../support/failing-disk.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, onsetsOf } from '../support/sound.ts';
import { lineOf, missingBeeps } from '../support/talking-clock.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import type { WholeHouse } from '../support/whole-house.ts';
import { startWholeHouse } from '../support/whole-house.ts';

const HZ = 1000;
const LOUDLY_WITHIN_MS = 3_000;

const stopOf = (capture: CaptureHandle): Promise<TakeStopped & { saidAtMs: number }> =>
  new Promise((resolve) => {
    capture.onEvent((event) => {
      if (event.event === 'takeStopped') resolve({ ...event.stopped, saidAtMs: Date.now() });
    });
  });

describe('promise 18: a disk that answers with EIO', () => {
  let rig: CaptureRig;
  beforeEach(async () => {
    rig = await captureRig();
  });
  afterEach(() => rig.close());

  it.each([
    ['write', 'track'],
    ['fdatasync', 'track'],
    ['write', 'journal'],
    ['fdatasync', 'journal'],
  ] as const)('to %s of the %s stops the take within 3 s, and what was before plays', async (name, which) => {
    const ada = await rig.beeper('ada', HZ, { everySeconds: 0.5 });
    const capture = await rig.capture();
    const t0 = Date.now() + 300;
    ada.talk(t0);
    const { startedAtMs } = await capture.startTake(takeOf('take', 'ada'));
    const stopped = stopOf(capture);
    await until(async () => (await capture.status()).positionMs > 4_000, { what: 'four seconds' });
    const [raw] = await readdir(join(rig.dir, 'raw'));
    const file = which === 'track' ? join(rig.dir, 'raw', raw!) : join(rig.dir, JOURNAL_FILE);
    const calls = await failCalls({ pid: capture.pid, file, name, error: 'EIO' });
    const failedAt = await calls.failedAt;
    const { reason, saidAtMs } = await stopped;
    await calls.stop();
    expect(reason).toBe('diskFailed');
    expect(saidAtMs - failedAt).toBeLessThan(LOUDLY_WITHIN_MS);
    await capture.finish().catch(() => {});

    const [track] = (await rig.take('take')).tracks;
    const pcm = await rig.pcmOf(track!);
    const heard = onsetsOf(pcm, HZ).map((at) => startedAtMs + (at + track!.offsetSamples / SAMPLE_RATE) * 1000 - t0);
    const lastMs = failedAt - t0 - 1_000;
    expect(
      missingBeeps(
        heard.map((at) => at / 1000),
        0.5,
        { from: 0.5, to: lastMs / 1000 },
      ),
    ).toEqual([]);
  });
});

describe('promise 18: a disk that is full', () => {
  let whole: WholeHouse;
  beforeAll(async () => {
    whole = await startWholeHouse();
  }, 120_000);
  let disk: SmallDisk | undefined;
  afterEach(() => disk?.dispose());
  afterAll(() => whole.stop());

  const foldersOf = async (): Promise<string[]> => readdir(whole.recordingsDir).catch(() => []);

  it('stops the recording within 3 s and tells everybody why; what was before plays; the other room goes on', async () => {
    const other = await whole.evening('Bo');
    const before = await foldersOf();
    const { room, speaker } = await whole.evening('Ada');
    const listener = await eventClient(await whole.house.listenerTicket(room));
    const own = await until(async () => (await foldersOf()).find((name) => !before.includes(name)));
    const raw = join(whole.recordingsDir, own, 'raw');
    await mkdir(raw, { recursive: true });
    const pid = await until(() => whole.capturePid(own));
    disk = await smallDisk({ dir: raw, pid, bytes: 64 * 1024 });
    const t0 = Date.now() + 500;
    const wav = await whole.wav('ada.wav', beeps(HZ, 30, 0.25));
    void speaker.talk(wav, t0, services().ffmpegBin).catch(() => {});
    void other.speaker.talk(wav, t0, services().ffmpegBin).catch(() => {});
    const goesOn = await whole.house.startRecording(other.room);
    const { id } = await whole.house.startRecording(room);
    expect(id).toBe(own);

    const trouble = await until(() => listener.view().recording.trouble, {
      timeoutMs: 25_000,
      what: 'the trouble told',
    });
    const toldAt = Date.now();
    expect(['disk-failed', 'disk-full']).toContain(trouble);
    const stopped = await whole.house.recording(id);
    expect(stopped.takes[0]).toMatchObject({ state: 'closed', stopReason: 'diskFailed' });
    expect(toldAt - Date.parse(stopped.takes[0]!.stoppedAt!)).toBeLessThan(LOUDLY_WITHIN_MS);
    expect(listener.view().recording.state).toBe('off');

    const [take] = (await readTimeline(join(whole.recordingsDir, id))).takes;
    const dir = join(whole.recordingsDir, id);
    const line = await lineOf({ dir, take: take!, t0, ffmpegBin: services().ffmpegBin }, 'Ada', HZ);
    const full = (Date.parse(stopped.takes[0]!.stoppedAt!) - t0) / 1000;
    console.log(
      `${disk.how}: full after ${full.toFixed(1)} s, told ${toldAt - Date.parse(stopped.takes[0]!.stoppedAt!)} ms later`,
    );
    expect(
      missingBeeps(line.beeps, 0.25, { from: Math.max(0.5, (take!.startedAtMs - t0) / 1000 + 0.3), to: full - 2.2 }),
    ).toEqual([]);

    await until(async () => {
      const { takes } = await whole.house.recording(goesOn.id);
      return takes[0]?.state === 'capturing' && Date.now() > toldAt + 2_000;
    });
    const [fine] = (await whole.house.stopRecording(other.room)).takes;
    expect([fine!.state, fine!.stopReason]).toEqual(['closed', 'stopped']);
    listener.close();
    for (const bot of [speaker, other.speaker]) await bot.leave();
  });
});
