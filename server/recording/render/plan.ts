import { Problem } from '../../problems.ts';
import { SAMPLE_RATE, type RecordingTimeline, type TimelineTake, type TimelineTrack } from '../timeline.schema.ts';
import type { Cut } from './cut.schema.ts';

/** Part of a take, in samples of that take's clock. */
export type Range = { takeId: string; takeLength: number; fromSample: number; toSample: number };

/** A file of one speaker within a range: its first sample lies at `offsetSamples` of the take. */
export type Piece = { file: string; offsetSamples: number; lengthSamples: number };

/** One seat's voice: for each range of the episode the files in which it may be heard, often none. */
export type Voice = { seatId: string; speaker: string; pieces: Piece[][] };

/** An episode as the filters need it. Everything is computed from the takes' origins: roundings cannot add up. */
export type EpisodePlan = { ranges: Range[]; voices: Voice[]; lengthSamples: number };

const samplesOf = (ms: number): number => (ms * SAMPLE_RATE) / 1000;

/** Every take from its first to its last sample. */
const wholeTakes = ({ takes }: RecordingTimeline): Range[] =>
  takes
    .filter((take) => take.lengthSamples > 0)
    .map(({ takeId, lengthSamples }) => ({
      takeId,
      takeLength: lengthSamples,
      fromSample: 0,
      toSample: lengthSamples,
    }));

/** Cut ends are in milliseconds, so the last may pass the take's own end by a fraction: the take's end holds. */
const rangesOf = (takes: Map<string, TimelineTake>, cut: Cut): Range[] =>
  cut.flatMap(({ takeId, fromMs, toMs }) => {
    const takeLength = takes.get(takeId)?.lengthSamples ?? 0;
    const fromSample = samplesOf(fromMs);
    const toSample = Math.min(samplesOf(toMs), takeLength);
    return fromSample < toSample ? [{ takeId, takeLength, fromSample, toSample }] : [];
  });

const overlaps = (track: TimelineTrack, range: Range): boolean =>
  track.offsetSamples < range.toSample && track.offsetSamples + track.lengthSamples > range.fromSample;

/**
 * Lays the chosen ranges one after another and gathers for each seat the files heard in them. Only tracks whose speaker
 * agreed to publishing exist for an episode; a seat that is in none of the ranges has no voice in it.
 * Throws `nothing-recorded` when no sample is left.
 */
export const planEpisode = (timeline: RecordingTimeline, cut?: Cut): EpisodePlan => {
  const takes = new Map(timeline.takes.map((take) => [take.takeId, take]));
  const ranges = cut ? rangesOf(takes, cut) : wholeTakes(timeline);
  if (ranges.length === 0) throw new Problem('nothing-recorded');
  const tracksIn = (range: Range) =>
    takes.get(range.takeId)!.tracks.filter((track) => track.published && overlaps(track, range));
  const seats = new Map(ranges.flatMap(tracksIn).map(({ seatId, speaker }) => [seatId, speaker]));
  const voices = [...seats].map(([seatId, speaker]) => ({
    seatId,
    speaker,
    pieces: ranges.map((range) =>
      tracksIn(range)
        .filter((track) => track.seatId === seatId)
        .map(({ file, offsetSamples, lengthSamples }) => ({ file, offsetSamples, lengthSamples })),
    ),
  }));
  const lengthSamples = ranges.reduce((sum, { fromSample, toSample }) => sum + toSample - fromSample, 0);
  return { ranges, voices, lengthSamples };
};

/** Where takes begin or end on the episode's line: the notice tone is heard there and nowhere else. */
export type TakeEdge = { kind: 'start' | 'end'; atSample: number };

/** The edges that the cut has kept. */
export const takeEdges = (ranges: Range[]): TakeEdge[] => {
  let atSample = 0;
  return ranges.flatMap(({ takeLength, fromSample, toSample }) => {
    const start = atSample;
    atSample += toSample - fromSample;
    return [
      ...(fromSample === 0 ? [{ kind: 'start' as const, atSample: start }] : []),
      ...(toSample === takeLength ? [{ kind: 'end' as const, atSample }] : []),
    ];
  });
};
