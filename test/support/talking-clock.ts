/** A talking clock: speakers who beep at known instants, and what a recording kept of it. All in seconds since `t0`. */
import { join } from 'node:path';
import type { Gap, TimelineTake } from '../../server/recording/timeline.schema.ts';
import { SAMPLE_RATE, decodeSound, onsetsOf } from './sound.ts';

export type Span = { from: number; to: number };
export type ListedGap = Span & { reason: Gap['reason'] };

/** One speaker in one take: where the beeps lie, in how many files, and the gaps that are listed with them. */
export type Line = { beeps: number[]; files: number; gaps: ListedGap[] };

/** A recording's folder, its take, and the epoch ms of the first beep. */
export type Clock = { dir: string; take: TimelineTake; t0: number; ffmpegBin: string };

/** What a beep may be late on its way, and early by the pace of a jitter buffer. */
const LATE = 0.3;
const EARLY = 0.1;

const secondsOf = (take: TimelineTake, t0: number, sample: number): number =>
  (take.startedAtMs - t0) / 1000 + sample / SAMPLE_RATE;

const listed = ({ take, t0 }: Pick<Clock, 'take' | 't0'>, gaps: readonly Gap[]): ListedGap[] =>
  gaps.map(({ fromSample, toSample, reason }) => ({
    from: secondsOf(take, t0, fromSample),
    to: secondsOf(take, t0, toSample),
    reason,
  }));

/** Gaps in which nobody was captured. */
export const takeGaps = (clock: Pick<Clock, 'take' | 't0'>): ListedGap[] => listed(clock, clock.take.gaps);

/** What is there of the speaker who beeps at `hz`. */
export const lineOf = async (clock: Clock, speaker: string, hz: number): Promise<Line> => {
  const tracks = clock.take.tracks.filter((track) => track.speaker === speaker);
  const beeps: number[] = [];
  for (const { file, offsetSamples } of tracks) {
    const onsets = onsetsOf(await decodeSound(join(clock.dir, file), clock.ffmpegBin), hz);
    beeps.push(...onsets.map((at) => at + secondsOf(clock.take, clock.t0, offsetSamples)));
  }
  const gaps = listed(
    clock,
    tracks.flatMap((track) => track.gaps),
  );
  return { beeps: beeps.toSorted((a, b) => a - b), files: tracks.length, gaps };
};

/** The beeps of this span, one each `every` seconds, that are not there. */
export const missingBeeps = (beeps: readonly number[], every: number, { from, to }: Span): number[] => {
  const first = Math.ceil(from / every);
  const count = Math.max(0, Math.floor(to / every) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * every).filter(
    (at) => !beeps.some((beep) => beep > at - EARLY && beep < at + LATE),
  );
};

/** How late the beeps of a span are in the middle: what two speakers, or before and after, must have in common. */
export const lateness = (beeps: readonly number[], every: number, { from, to }: Span): number => {
  const late = beeps
    .filter((at) => at >= from && at <= to)
    .map((at) => at - Math.round((at - LATE / 3) / every) * every)
    .toSorted((a, b) => a - b);
  return late[Math.floor(late.length / 2)] ?? Number.NaN;
};

/** Whether an instant lies in one of the spans, give or take `slack`. */
export const within = (spans: readonly Span[], at: number, slack = 0): boolean =>
  spans.some(({ from, to }) => at >= from - slack && at <= to + slack);
