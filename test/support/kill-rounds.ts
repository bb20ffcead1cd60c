/**
 * Kills one part of a whole instance again and again, at random moments of one long take in which two speakers beep,
 * and judges what the recording kept. `npm test` runs a few rounds, the bench fifty.
 */
import { join } from 'node:path';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import { services } from './services.ts';
import type { Line, ListedGap } from './talking-clock.ts';
import { lineOf, missingBeeps, takeGaps, within } from './talking-clock.ts';
import { beeps } from './voices.ts';
import { until } from './wait.ts';
import type { WholeHouse } from './whole-house.ts';

export type Victim = 'api' | 'capture' | 'livekit' | 'postgres';
export type KillOrder = { whole: WholeHouse; victim: Victim; rounds: number; seed: number; ffmpegBin?: string };

/** One death, in seconds since the first beep. `backAfter`: until it runs, and is ready, again. */
export type Kill = { at: number; backAfter: number };

export type KillReport = {
  victim: Victim;
  kills: Kill[];
  takes: number;
  lines: Record<string, Line>;
  gaps: ListedGap[];
  /** Beeps that nobody lost by a listed gap, by speaker: lost in silence. */
  unlisted: Record<string, number[]>;
  /** Beeps that lie inside of a listed gap of the whole take. */
  inGaps: number;
  /** Of the capture's deaths: seconds on the disk that the death cost, and until it captured again. */
  lostSeconds: number[];
  awaySeconds: number[];
  /** Between the listed gaps and where the files really end and begin. */
  worstEdgeSeconds: number;
  lightEverOff: boolean;
};

const EVERY = 0.5;
const VOICES = { Ada: 1000, Bo: 1700 } as const;
/** How long each part is left in peace after it is back, at least; LiveKit's clients need theirs to come back. */
const PEACE = { api: 3, capture: 3, livekit: 17, postgres: 3 } as const;
const RANDOM_SECONDS = 3;
const RUN_IN_SECONDS = 4;
const PART = { api: 'The server', livekit: 'LiveKit', postgres: 'Postgres' } as const;

/** Park and Miller's minimal generator: numbers in [0, 1), the same on every machine. */
const randomFrom = (seed: number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

const capturesAgain = async (whole: WholeHouse, recordingId: string): Promise<boolean> => {
  const { takes } = await whole.house.recording(recordingId);
  return takes[0]?.state === 'capturing';
};

/** Kills the part with SIGKILL and waits until another process does its work. */
const killOnce = async ({ whole, victim }: KillOrder, recordingId: string): Promise<void> => {
  const pidOf = async () => (victim === 'capture' ? whole.capturePid(recordingId) : whole.stack.pids()[PART[victim]]);
  const pid = (await pidOf())!;
  process.kill(pid, 'SIGKILL');
  await until(async () => ![undefined, pid].includes(await pidOf()), { timeoutMs: 30_000, what: `another ${victim}` });
  const ready = { timeoutMs: 30_000, what: 'the house is ready' };
  await until(async () => (await fetch(`${whole.stack.baseUrl}/readyz`)).ok, ready);
  await until(() => capturesAgain(whole, recordingId), { timeoutMs: 30_000, what: 'the take goes on' });
};

const edgesOf = (take: TimelineTake): { lost: number[]; worst: number } => {
  const deaths = take.gaps.filter(({ reason }) => reason === 'captureLost');
  const distance = (sample: number, edges: number[]): number =>
    Math.min(...edges.map((edge) => Math.abs(edge - sample))) / 48_000;
  const begins = take.tracks.map(({ offsetSamples }) => offsetSamples);
  const ends = take.tracks.map(({ offsetSamples, lengthSamples }) => offsetSamples + lengthSamples);
  const worst = deaths.flatMap((gap) => [distance(gap.fromSample, ends), distance(gap.toSample, begins)]);
  return { lost: deaths.map(({ fromSample }) => fromSample), worst: Math.max(0, ...worst) };
};

export const killRounds = async (order: KillOrder): Promise<KillReport> => {
  const { whole, victim, rounds, seed, ffmpegBin = services().ffmpegBin } = order;
  const random = randomFrom(seed);
  const pauses = Array.from({ length: rounds }, () => PEACE[victim] + random() * RANDOM_SECONDS);
  // Longer than all rounds together: the talk is cut short by the end of the room.
  const longest = RUN_IN_SECONDS + pauses.reduce((sum, pause) => sum + pause + 20, 10);
  const { room, speaker: ada } = await whole.evening('Ada');
  const bo = await whole.join(room, 'Bo');
  const { id } = await whole.house.startRecording(room);
  const t0 = Date.now() + 1_500;
  for (const [bot, name] of [
    [ada, 'Ada'],
    [bo, 'Bo'],
  ] as const) {
    const wav = await whole.wav(`${victim}-${name}.wav`, beeps(VOICES[name], longest, EVERY));
    void bot.talk(wav, t0, ffmpegBin).catch(() => {});
  }
  const seconds = (): number => (Date.now() - t0) / 1000;
  const rest = async (length: number): Promise<void> => {
    const end = seconds() + length;
    await until(() => seconds() >= end, { timeoutMs: (length + 10) * 1000, what: `${length} s of talk` });
  };

  const kills: Kill[] = [];
  await rest(RUN_IN_SECONDS);
  for (const pause of pauses) {
    const at = seconds();
    await killOnce(order, id);
    kills.push({ at, backAfter: seconds() - at });
    await rest(pause);
  }
  const lastSecond = seconds();
  const stopped = await whole.house.stopRecording(room);
  const lightEverOff = ada.recordings
    .slice(1, -1)
    .some(({ on, atEpochMs }) => !on && (atEpochMs - t0) / 1000 < lastSecond);
  await Promise.all([ada, bo].map((bot) => bot.leave().catch(() => {})));
  await whole.house.endLiveSession(room);

  const dir = join(whole.recordingsDir, id);
  const [take] = (await readTimeline(dir)).takes;
  const clock = { dir, take: take!, t0, ffmpegBin };
  const gaps = takeGaps(clock);
  const lines = { Ada: await lineOf(clock, 'Ada', VOICES.Ada), Bo: await lineOf(clock, 'Bo', VOICES.Bo) };
  const span = { from: 1, to: lastSecond - 0.5 };
  const unlistedOf = ({ beeps: heard, gaps: own }: Line): number[] =>
    missingBeeps(heard, EVERY, span).filter((at) => !within([...gaps, ...own], at, 0.25));
  const deaths = gaps.filter(({ reason }) => reason === 'captureLost');
  const inside = deaths.map(({ from, to }) => ({ from: from + 0.1, to: to - 0.1 }));
  return {
    victim,
    kills,
    takes: stopped.takes.length,
    lines,
    gaps,
    unlisted: { Ada: unlistedOf(lines.Ada), Bo: unlistedOf(lines.Bo) },
    inGaps: [...lines.Ada.beeps, ...lines.Bo.beeps].filter((at) => within(inside, at)).length,
    lostSeconds: deaths.map(({ from }, index) => (kills[index]?.at ?? Number.NaN) - from),
    awaySeconds: deaths.map(({ to }, index) => to - (kills[index]?.at ?? Number.NaN)),
    worstEdgeSeconds: edgesOf(take!).worst,
    lightEverOff,
  };
};

/** One line for people: what was killed, and what it cost. */
export const killSummary = ({
  victim,
  kills,
  lostSeconds,
  awaySeconds,
  unlisted,
  worstEdgeSeconds,
}: KillReport): string => {
  const worst = (values: number[]): string => (values.length > 0 ? Math.max(...values).toFixed(2) : '0');
  const lost = Object.values(unlisted).flat().length * EVERY;
  return (
    `${victim}: ${kills.length} kills, unlisted loss ${lost} s, lost of the captured ≤ ${worst(lostSeconds)} s, ` +
    `captured again ≤ ${worst(awaySeconds)} s, gap edges ± ${worstEdgeSeconds.toFixed(3)} s, ` +
    `back after ≤ ${worst(kills.map(({ backAfter }) => backAfter))} s`
  );
};
