import { describe, expect, it } from 'vitest';
import type { RecordingTimeline, TimelineTrack } from '../timeline.schema.ts';
import { planEpisode, takeEdges } from './plan.ts';

const track = (seatId: string, offsetSamples: number, lengthSamples: number, published = true): TimelineTrack => ({
  file: `raw/${seatId}-${offsetSamples}.flac`,
  ...{ trackSid: `TR_${seatId}`, epoch: 1, identity: `s_${seatId}`, speaker: seatId.toUpperCase(), consentId: '' },
  ...{ seatId, published, offsetSamples, lengthSamples, gaps: [] },
});
const take = (takeId: string, ordinal: number, lengthSamples: number, tracks: TimelineTrack[]) => ({
  ...{ takeId, ordinal, lengthSamples, tracks, startedAtMs: 0, state: 'closed' as const, stopReason: null },
  ...{ gaps: [], marks: [], consents: [] },
});
const timeline: RecordingTimeline = {
  takes: [
    take('one', 0, 480_000, [track('ada', 0, 480_000), track('bo', 240_000, 96_000), track('cy', 0, 480_000, false)]),
    take('two', 1, 96_001, [track('ada', 10, 95_000)]),
  ],
};

describe('planEpisode', () => {
  it('takes all takes whole when nothing else is said', () => {
    const { ranges, lengthSamples } = planEpisode(timeline);
    expect(ranges.map(({ takeId, fromSample, toSample }) => [takeId, fromSample, toSample])).toEqual([
      ['one', 0, 480_000],
      ['two', 0, 96_001],
    ]);
    expect(lengthSamples).toBe(576_001);
  });

  it('gives each seat its files by range, and no voice to whom it may not publish', () => {
    const files = planEpisode(timeline).voices.map(({ seatId, pieces }) => [seatId, pieces.map((p) => p.length)]);
    expect(files).toEqual([
      ['ada', [1, 1]],
      ['bo', [1, 0]],
    ]);
  });

  it('follows the cut, and ends a range at the end of its take', () => {
    const { ranges, voices } = planEpisode(timeline, [
      { takeId: 'two', fromMs: 1000, toMs: 2001 },
      { takeId: 'one', fromMs: 0, toMs: 5000 },
    ]);
    expect(ranges.map(({ fromSample, toSample }) => [fromSample, toSample])).toEqual([
      [48_000, 96_001],
      [0, 240_000],
    ]);
    expect(voices.map(({ seatId }) => seatId)).toEqual(['ada']);
  });

  it('is a Problem when no sample is left', () => {
    expect(() => planEpisode({ takes: [] })).toThrow(expect.objectContaining({ code: 'nothing-recorded' }));
  });
});

describe('takeEdges', () => {
  it('finds where takes begin and end, and none where the cut has taken them away', () => {
    const { ranges } = planEpisode(timeline, [
      { takeId: 'one', fromMs: 0, toMs: 1000 },
      { takeId: 'two', fromMs: 500, toMs: 3000 },
    ]);
    expect(takeEdges(ranges)).toEqual([
      { kind: 'start', atSample: 0 },
      { kind: 'end', atSample: 48_000 + 72_001 },
    ]);
  });
});
