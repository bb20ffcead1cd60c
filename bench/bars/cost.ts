/**
 * Bar 14: what capturing a room of three costs, in processor time and memory: ours (journal, clock, replay and all), a
 * bare rtc-node recorder with FLAC, and a Chromium with a MediaRecorder for each voice. One after another in the same
 * room, whose three people talk without a pause.
 */
import { spawnCapture } from '../../server/recording/capture/capture.client.ts';
import { DEFAULT_LIMITS } from '../../server/recording/capture/control.schema.ts';
import { startBareRecorder } from '../../test/support/bare-recorder.ts';
import { takeOf } from '../../test/support/capture-rig.ts';
import { ADA, BO, speak } from '../../test/support/voices.ts';
import { until } from '../../test/support/wait.ts';
import { startChromiumRecorder } from '../chromium-recorder.ts';
import { cpuSecondsOf, memoryMibOf, treeOf } from '../process-cost.ts';
import type { TalkingRoom } from '../talking-room.ts';
import { openTalkingRoom } from '../talking-room.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { notMeasured } from './bar.ts';

const PEOPLE = ['ada', 'bo', 'cy'];
const RUN_IN_SECONDS = 5;
const [AT_MOST, CHROMIUM_AT_LEAST] = [1.5, 1.6];

type Cost = { cpuPerMinute: number; memoryMib: number };

const seconds = (length: number): Promise<void> => new Promise((wake) => setTimeout(wake, length * 1000));

/** Of the process and all it has started, over `window` seconds after a run-in; memory at its end. */
const costOf = async (pid: number, window: number): Promise<Cost> => {
  await seconds(RUN_IN_SECONDS);
  const tree = treeOf(pid);
  const [before, startedAt] = [cpuSecondsOf(tree), performance.now()];
  await seconds(window);
  const minutes = (performance.now() - startedAt) / 60_000;
  return { cpuPerMinute: (cpuSecondsOf(tree) - before) / minutes, memoryMib: memoryMibOf(treeOf(pid)) };
};

const ours = async ({ room, dir }: TalkingRoom, ffmpegBin: string, window: number): Promise<Cost> => {
  const capture = await spawnCapture({
    ...{ recordingId: 'rec', dir, socketPath: `${dir}/control.sock`, livekitUrl: room.mediaUrl, ffmpegBin },
    token: await room.token('recorder', 'rec_ours'),
    limits: DEFAULT_LIMITS,
  });
  await capture.startTake(takeOf('take', ...PEOPLE));
  await until(async () => (await capture.status()).tracks === PEOPLE.length, { what: 'everybody is captured' });
  const cost = await costOf(capture.pid, window);
  await capture.finish();
  return cost;
};

const bare = async ({ room, dir }: TalkingRoom, ffmpegBin: string, window: number): Promise<Cost> => {
  const token = await room.token('recorder', 'rec_bare');
  const recorder = await startBareRecorder({ url: room.mediaUrl, token, dir, ffmpegBin }, PEOPLE.length);
  const cost = await costOf(recorder.pid, window);
  await recorder.stop();
  return cost;
};

const chromium = async ({ room }: TalkingRoom, window: number): Promise<Cost> => {
  const token = await room.token('recorder', 'rec_chromium');
  const recorder = await startChromiumRecorder({ url: room.mediaUrl, token }, PEOPLE.length);
  try {
    return await costOf(recorder.pid, window);
  } finally {
    await recorder.stop();
  }
};

const shown = ({ cpuPerMinute, memoryMib }: Cost): string =>
  `${cpuPerMinute.toFixed(1)} CPU-s/min, ${memoryMib.toFixed(0)} MiB`;

const compare = (what: string, of: (cost: Cost) => number, mine: Cost, theirs: Cost): Reading => ({
  ...{ bar: 14, what, measured: shown(mine), floor: `bare rtc-node: ${shown(theirs)}`, bound: `≤ ${AT_MOST} × bare` },
  ratio: of(mine) / of(theirs),
  ok: of(mine) / of(theirs) <= AT_MOST,
});

const chromiumReading = async (talking: TalkingRoom, window: number, mine: Cost): Promise<Reading> => {
  const what = 'a Chromium that records the same room';
  const bound = `≥ ${CHROMIUM_AT_LEAST} × ours`;
  try {
    const theirs = await chromium(talking, window);
    const ratio = theirs.cpuPerMinute / mine.cpuPerMinute;
    return {
      bar: 14,
      what,
      measured: shown(theirs),
      bound,
      ok: ratio >= CHROMIUM_AT_LEAST,
      floor: `ours: ${shown(mine)}`,
      ratio,
    };
  } catch (error) {
    return notMeasured(14, what, bound, (error as Error).message);
  }
};

const measure = async ({ quick, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const window = quick ? 20 : 60;
  const length = 3 * (window + RUN_IN_SECONDS + 15);
  const voices = [ADA, BO, { ...BO, pitchHz: 150, seed: 99 }];
  const talkers = PEOPLE.map((identity, index) => ({ identity, pcm: speak(voices[index]!, length) }));
  const talking = await openTalkingRoom(talkers);
  try {
    const theirs = await bare(talking, ffmpegBin, window);
    const mine = await ours(talking, ffmpegBin, window);
    return [
      compare('capture of 3 speakers: processor', ({ cpuPerMinute }) => cpuPerMinute, mine, theirs),
      compare('capture of 3 speakers: memory', ({ memoryMib }) => memoryMib, mine, theirs),
      await chromiumReading(talking, window, mine),
    ];
  } finally {
    await talking.close();
  }
};

export const costBar: Bar = { bars: [14], measure };
