import { describe, expect, it } from 'vitest';
import { checkCut, wholeCut } from './cut.ts';
import { SAMPLE_RATE, type RecordingTimeline } from './timeline.schema.ts';

const take = (takeId: string, seconds: number) => ({ takeId, lengthSamples: seconds * SAMPLE_RATE + 1 });
const timeline = { takes: [take('one', 10), take('two', 5), take('none', 0)] } as unknown as RecordingTimeline;
timeline.takes[2]!.lengthSamples = 0;
const ended = new Set(['one', 'none']);

const faults = (...cut: Parameters<typeof checkCut>[0]): string[] => {
  try {
    checkCut(cut, timeline, ended);
    return [];
  } catch (error) {
    return (error as { errors: { pointer: string; message: string }[] }).errors.map(({ pointer }) => pointer);
  }
};

describe('a cut', () => {
  it('may take ranges in any order, overlapping, and up to the last millisecond that a take has begun', () => {
    const late = { takeId: 'one', fromMs: 9_000, toMs: 10_001 };
    expect(faults(late, { takeId: 'one', fromMs: 0, toMs: 2_000 }, late)).toEqual([]);
  });

  it('is refused with every range named that does not fit its take', () => {
    const cut = [
      { takeId: 'three', fromMs: 0, toMs: 1 },
      { takeId: 'one', fromMs: 0, toMs: 10_002 },
      { takeId: 'two', fromMs: 0, toMs: 1 },
    ];
    expect(faults(...cut)).toEqual(['/cut/0/takeId', '/cut/1/toMs', '/cut/2/takeId']);
  });
});

it('all that was captured is the takes that are over, and none of them empty', () => {
  expect(wholeCut(timeline, ended)).toEqual([{ takeId: 'one', fromMs: 0, toMs: 10_001 }]);
});
