/** Cuts over the takes of a recording: all of them, or what a host chose. Pure. */
import { Problem } from '../problems.ts';
import type { CutRange } from './master.ts';
import { SAMPLE_RATE } from './timeline.schema.ts';
import type { RecordingTimeline, TimelineTake } from './timeline.schema.ts';

const lengthMs = (take: TimelineTake): number => Math.ceil((take.lengthSamples * 1000) / SAMPLE_RATE);

/** All that has been captured in the takes that are over. */
export const wholeCut = (timeline: RecordingTimeline, ended: ReadonlySet<string>): CutRange[] =>
  timeline.takes
    .filter((take) => ended.has(take.takeId) && take.lengthSamples > 0)
    .map((take) => ({ takeId: take.takeId, fromMs: 0, toMs: lengthMs(take) }));

/** Throws `invalid-request`, naming each range of a take that is not there, is not over, or is shorter than the range. */
export const checkCut = (cut: CutRange[], timeline: RecordingTimeline, ended: ReadonlySet<string>): void => {
  const takes = new Map(timeline.takes.map((take) => [take.takeId, take]));
  const errors = cut.flatMap(({ takeId, toMs }, index) => {
    const take = takes.get(takeId);
    if (!take) return [{ pointer: `/cut/${index}/takeId`, message: 'is no take of this recording' }];
    if (!ended.has(takeId)) return [{ pointer: `/cut/${index}/takeId`, message: 'is a take that is not over yet' }];
    const longest = lengthMs(take);
    return toMs > longest ? [{ pointer: `/cut/${index}/toMs`, message: `the take is only ${longest} ms long` }] : [];
  });
  if (errors.length > 0) throw new Problem('invalid-request', { detail: 'A range does not fit its take.', errors });
};
