import { describe, expect, it } from 'vitest';
import type { Look } from './growth.ts';
import { STALLED_MS, UNSEEN, stepGrowth } from './growth.ts';

const ada: Look = { identity: 'ada', trackSid: 'TR_a', muted: false, grownMs: undefined, namedMs: undefined };

/** Looks once a second from 0 on; answers the seconds at which the track was asked for anew. */
const asked = (seconds: number, lookAt: (nowMs: number) => Partial<Look>): number[] => {
  let growth = UNSEEN;
  return Array.from({ length: seconds + 1 }, (_, second) => second).filter((second) => {
    const step = stepGrowth(growth, [{ ...ada, ...lookAt(second * 1000) }], second * 1000);
    growth = step.growth;
    return step.stalled.length > 0;
  });
};

describe('a microphone that LiveKit hears and the file does not', () => {
  it('is asked for anew after three seconds, and again three seconds later', () => {
    expect(asked(9, (now) => ({ grownMs: 1_000, namedMs: now }))).toEqual([4, 7]);
  });

  it('is asked for anew when not one frame ever came', () => {
    expect(asked(5, (now) => ({ namedMs: now }))).toEqual([STALLED_MS / 1000]);
  });

  it('is left alone while it grows, while it is muted, and while nobody says that it speaks', () => {
    expect(asked(20, (now) => ({ grownMs: now, namedMs: now }))).toEqual([]);
    expect(asked(20, (now) => ({ grownMs: 1_000, namedMs: now, muted: true }))).toEqual([]);
    expect(asked(20, () => ({ grownMs: 1_000 }))).toEqual([]);
  });

  it('is left alone when the last word about it came with its last frame', () => {
    expect(asked(20, () => ({ grownMs: 5_000, namedMs: 5_400 }))).toEqual([]);
  });
});
