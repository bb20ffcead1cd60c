import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import { services } from '../support/services.ts';
import { decodeSound, onsetsOf, SAMPLE_RATE, toneDbfs } from '../support/sound.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import type { WholeHouse } from '../support/whole-house.ts';
import { startWholeHouse } from '../support/whole-house.ts';

const HZ = 1000;
let whole: WholeHouse;

beforeAll(async () => {
  whole = await startWholeHouse();
}, 120_000);
afterAll(() => whole.stop());

const secondsLater = (t0: number, seconds: number) =>
  until(() => Date.now() >= t0 + seconds * 1000, { timeoutMs: seconds * 1000 + 5_000, what: `${seconds} s of talk` });

/** Where the beeps lie, in seconds from the take's first sample. */
const beepsIn = async ({ id, takes }: RecordingView): Promise<number[]> => {
  const found: number[] = [];
  for (const { file, offsetMs } of takes[0]!.tracks) {
    const pcm = await decodeSound(join(whole.recordingsDir, id, file), services().ffmpegBin);
    found.push(...onsetsOf(pcm, HZ).map((at) => at + offsetMs / 1000));
  }
  return found.toSorted((a, b) => a - b);
};

/**
 * Gaps that the death of our own parts made. A `stalled` one is a machine too busy to deliver sound in time, a
 * `networkLost` one a speaker's client on its way back to a server that was away; whether they cost a beep is judged by
 * the beeps.
 */
const lossesOf = ({ gaps }: RecordingView['takes'][number]) =>
  gaps.filter(({ reason }) => !['stalled', 'networkLost'].includes(reason));

/** Lets somebody beep every second for 16 s, records, and calls `kill` after 5 s of talk. */
const recordThrough = async (name: string, kill: (recordingId: string) => Promise<void>): Promise<RecordingView> => {
  const { room, speaker } = await whole.evening(name);
  const wav = await whole.wav(`${name}.wav`, beeps(HZ, 16));
  const { id } = await whole.house.startRecording(room);
  const t0 = Date.now() + 300;
  const talk = speaker.talk(wav, t0, services().ffmpegBin);
  await secondsLater(t0, 5);
  await kill(id);
  await secondsLater(t0, 14.5);
  await whole.house.stopRecording(room);
  await talk;
  await speaker.leave();
  await whole.house.endLiveSession(room);
  return whole.ready(id);
};

describe('kill -9 in the middle of a take', () => {
  it('of the server: the launcher brings it back, the capture has gone on, nothing is missing', async () => {
    let captureBefore: number | undefined;
    const recording = await recordThrough('server', async (id) => {
      captureBefore = await whole.capturePid(id);
      const killed = whole.stack.pids()['The server']!;
      process.kill(killed, 'SIGKILL');
      await until(() => whole.stack.pids()['The server'] !== killed, { what: 'another server runs' });
      await until(async () => (await fetch(`${whole.stack.baseUrl}/readyz`)).ok, { what: 'it is ready' });
      expect(await whole.capturePid(id)).toBe(captureBefore);
      const { takes } = await until(async () => {
        const known = await whole.house.recording(id);
        return known.takes[0]?.state === 'capturing' && known;
      });
      expect(lossesOf(takes[0]!)).toEqual([]);
    });
    const [take] = recording.takes;
    expect([recording.takes.length, take!.state, lossesOf(take!)]).toEqual([1, 'closed', []]);
    const heard = await beepsIn(recording);
    expect(heard.length).toBeGreaterThanOrEqual(14);
    const steps = heard.slice(1).map((at, index) => at - heard[index]!);
    for (const step of steps) expect(Math.abs(step - 1), JSON.stringify(heard)).toBeLessThan(0.1);
    expect(Math.abs(recording.master!.durationMs! - take!.durationMs!)).toBeLessThanOrEqual(1);
  }, 120_000);

  it('of the capture: at most 2 s are lost, it captures again within 5 s, the whole gap is listed and silent', async () => {
    let killedAtMs = 0;
    const recording = await recordThrough('capture', async (id) => {
      const pid = (await whole.capturePid(id))!;
      process.kill(pid, 'SIGKILL');
      killedAtMs = Date.now();
      await until(async () => ![undefined, pid].includes(await whole.capturePid(id)), { what: 'another capture runs' });
    });
    const [take] = recording.takes;
    expect([recording.takes.length, take!.state]).toEqual([1, 'closed']);
    const away = lossesOf(take!);
    expect(away.length).toBe(1);
    const killedAt = killedAtMs - Date.parse(take!.startedAt!);
    const { fromMs, toMs } = away[0]!;
    expect(killedAt - fromMs).toBeLessThanOrEqual(2_000);
    expect(toMs - killedAt).toBeLessThanOrEqual(5_000);

    const heard = await beepsIn(recording);
    const inGap = heard.filter((at) => at * 1000 > fromMs + 100 && at * 1000 < toMs - 100);
    expect(inGap).toEqual([]);
    const beepsAway = Math.round((toMs - fromMs) / 1000);
    expect(heard.length).toBeGreaterThanOrEqual(14 - beepsAway - 1);
    // The timeline goes on: every beep lies at its own second, before and after (jitter buffers move by 40 to 80 ms).
    const first = heard[0]!;
    for (const at of heard) expect(Math.abs(at - first - Math.round(at - first))).toBeLessThan(0.15);

    const mp3 = recording.master!.renditions.find(({ kind }) => kind === 'mp3')!;
    const pcm = await decodeSound(join(whole.recordingsDir, recording.id, mp3.file), services().ffmpegBin);
    const middle = pcm.subarray(((fromMs + 300) / 1000) * SAMPLE_RATE, ((toMs - 300) / 1000) * SAMPLE_RATE);
    expect(toneDbfs(middle, HZ)).toBeLessThan(-60);
    expect(Math.abs(recording.master!.durationMs! - take!.durationMs!)).toBeLessThanOrEqual(1);
  }, 120_000);
});

it('kill -9 of the server in the middle of a render: the next one finishes it', async () => {
  const { room, speaker } = await whole.evening('render');
  const wav = await whole.wav('render.wav', beeps(HZ, 12));
  const { id } = await whole.house.startRecording(room);
  const t0 = Date.now() + 300;
  const talk = speaker.talk(wav, t0, services().ffmpegBin);
  await secondsLater(t0, 10);
  await whole.house.stopRecording(room);
  await until(async () => (await whole.house.recording(id)).master?.state === 'rendering', { what: 'it renders' });
  process.kill(whole.stack.pids()['The server']!, 'SIGKILL');
  const { master } = await whole.ready(id);
  expect(master).toMatchObject({ state: 'ready', problem: null });
  expect(master!.renditions.map(({ kind }) => kind)).toEqual(['mp3', 'm4a', 'opus']);
  await talk;
  await speaker.leave();
  await whole.house.endLiveSession(room);
}, 150_000);
