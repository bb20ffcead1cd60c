/**
 * Bar 6: sync. Given tracks: an hour of known frames through the capture's own writer, with late joins, mutes and gaps,
 * as fast as it goes. Live tracks: two speakers beep together in a real room, in real time, recorded by us and by a bare
 * rtc-node recorder at once; `--minutes 60` makes that an hour as well.
 */
import { spawnCapture } from '../../server/recording/capture/capture.client.ts';
import { DEFAULT_LIMITS } from '../../server/recording/capture/control.schema.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { startBareRecorder } from '../../test/support/bare-recorder.ts';
import { takeOf } from '../../test/support/capture-rig.ts';
import { decodeSound, onsetsOf, SAMPLE_RATE } from '../../test/support/sound.ts';
import { beeps } from '../../test/support/voices.ts';
import { until } from '../../test/support/wait.ts';
import type { GivenTrack, Placed } from '../given-track.ts';
import { placeGivenTrack } from '../given-track.ts';
import type { TalkingRoom } from '../talking-room.ts';
import { openTalkingRoom } from '../talking-room.ts';
import type { Bar, BenchOptions, Reading } from './bar.ts';
import { atMost, notMeasured, quantile } from './bar.ts';

const BEEP_SECONDS = 0.5;
const HZ: Record<string, number> = { ada: 1000, bo: 1700 };
/** What the slope of so few minutes says is the jitter of its ends. */
const MINUTES_FOR_DRIFT = 4;

/** The slope of a line through the points, in parts per million. */
const slopePpm = (points: { second: number; offMs: number }[]): number => {
  const mean = (of: (point: Placed) => number): number => points.reduce((sum, one) => sum + of(one), 0) / points.length;
  const [x, y] = [mean(({ second }) => second), mean(({ offMs }) => offMs)];
  const above = points.reduce((sum, { second, offMs }) => sum + (second - x) * (offMs - y), 0);
  const below = points.reduce((sum, { second }) => sum + (second - x) ** 2, 0);
  return (above / below) * 1000;
};

/** A late join, mutes, and gaps of 5 s, 100 ms and 20 ms all through the time. */
const disturbed = (seconds: number): GivenTrack['silences'] => {
  const lengths = [5, 0.1, 0.02, 12, 0.1, 0.02];
  return Array.from({ length: Math.floor(seconds / 30) }, (_, index) => {
    const from = 30 * index + 14.4;
    return { from, to: from + lengths[index % lengths.length]! };
  });
};

const givenReadings = async ({ quick, ffmpegBin }: BenchOptions): Promise<Reading[]> => {
  const seconds = quick ? 360 : 3600;
  const silences = disturbed(seconds);
  const [first, second] = [
    await placeGivenTrack({ seconds, joinsAt: 0, fasterPpm: 0, silences: [], seed: 1 }, ffmpegBin),
    await placeGivenTrack({ seconds, joinsAt: 8, fasterPpm: 0, silences, seed: 2 }, ffmpegBin),
  ];
  const off = [...first, ...second].map(({ offMs }) => offMs);
  const apart = Math.max(...off) - Math.min(...off);
  const drifts: number[] = [];
  for (const fasterPpm of [-50, 50]) {
    drifts.push(slopePpm(await placeGivenTrack({ seconds, joinsAt: 0, fasterPpm, silences: [], seed: 3 }, ffmpegBin)));
  }
  const minutes = seconds / 60;
  return [
    atMost(6, `given tracks over ${minutes} min, late join, mutes, gaps: apart`, apart, 20, 'ms', 1),
    {
      ...atMost(6, `drift left of ± 50 ppm over ${minutes} min`, Math.max(...drifts.map(Math.abs)), 20, 'ppm', 1),
      floor: 'uncorrected: 50 ppm',
    },
  ];
};

/** How far apart the two speakers' beeps of one instant are, in ms. */
const apartMs = (some: number[], others: number[]): number[] =>
  some
    .map((at) => Math.min(...others.map((other) => Math.abs(other - at))))
    .filter((ms) => ms < (BEEP_SECONDS * 1000) / 2);

type Heard = Record<string, number[]>;

const ourBeeps = async ({ dir }: TalkingRoom, ffmpegBin: string): Promise<Heard> => {
  const [take] = (await readTimeline(dir)).takes;
  const heard: Heard = { ada: [], bo: [] };
  for (const { identity, file, offsetSamples } of take!.tracks) {
    const onsets = onsetsOf(await decodeSound(`${dir}/${file}`, ffmpegBin), HZ[identity]!);
    heard[identity]!.push(...onsets.map((at) => take!.startedAtMs + (at + offsetSamples / SAMPLE_RATE) * 1000));
  }
  return heard;
};

const recordLive = async (
  talking: TalkingRoom,
  { minutes, ffmpegBin }: BenchOptions,
): Promise<{ ours: Heard; bare: Heard }> => {
  const { room, dir } = talking;
  const capture = await spawnCapture({
    ...{ recordingId: 'rec', dir, socketPath: `${dir}/control.sock`, livekitUrl: room.mediaUrl, ffmpegBin },
    token: await room.token('recorder', 'rec_ours'),
    limits: DEFAULT_LIMITS,
  });
  const token = await room.token('recorder', 'rec_bare');
  const recorder = await startBareRecorder({ url: room.mediaUrl, token, dir, ffmpegBin }, 2);
  await capture.startTake(takeOf('take', 'ada', 'bo'));
  const length = minutes * 60_000;
  const reached = async () => (await capture.status()).positionMs >= length;
  await until(reached, { timeoutMs: length + 60_000, everyMs: 250, what: `${minutes} min of talk` });
  await capture.finish();
  await recorder.stop();
  const bare: Heard = {};
  for (const { identity, file, firstAtMs } of recorder.tracks) {
    const onsets = onsetsOf(await decodeSound(file, ffmpegBin), HZ[identity]!);
    bare[identity] = onsets.map((at) => firstAtMs + at * 1000);
  }
  return { ours: await ourBeeps(talking, ffmpegBin), bare };
};

/** How much later each beep is than when it was said, around its middle. */
const delays = (heard: number[], t0: number): Placed[] => {
  const every = BEEP_SECONDS * 1000;
  const late = heard.map((at) => at - t0 - Math.floor((at - t0) / every) * every);
  const middle = quantile(late, 0.5);
  return heard.map((at, index) => ({ second: (at - t0) / 1000, offMs: late[index]! - middle }));
};

const liveReadings = async (options: BenchOptions): Promise<Reading[]> => {
  const { minutes } = options;
  const talkers = Object.entries(HZ).map(([identity, hz]) => ({
    identity,
    pcm: beeps(hz, minutes * 60 + 30, BEEP_SECONDS),
  }));
  const t0 = Date.now() + 6_000;
  const talking = await openTalkingRoom(talkers, t0);
  try {
    const { ours, bare } = await recordLive(talking, options);
    const p95 = (heard: Heard): number => quantile(apartMs(heard['ada']!, heard['bo']!), 0.95);
    const [mine, theirs] = [p95(ours), p95(bare)];
    const what = `live tracks, ${minutes} min: apart at the 95th percentile`;
    const drift = Math.max(...Object.values(ours).map((heard) => Math.abs(slopePpm(delays(heard, t0)))));
    const driftWhat = `live tracks, ${minutes} min: drift`;
    return [
      { ...atMost(6, what, mine, 60, 'ms', 1), floor: `bare rtc-node: ${theirs.toFixed(1)} ms`, ratio: mine / theirs },
      minutes >= MINUTES_FOR_DRIFT
        ? atMost(6, driftWhat, drift, 20, 'ppm', 1)
        : notMeasured(6, driftWhat, '≤ 20 ppm', `needs ${MINUTES_FOR_DRIFT} minutes`),
    ];
  } finally {
    await talking.close();
  }
};

export const syncBar: Bar = {
  bars: [6],
  measure: async (options) => [...(await givenReadings(options)), ...(await liveReadings(options))],
};
