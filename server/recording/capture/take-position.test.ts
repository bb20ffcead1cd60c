import { describe, expect, it } from 'vitest';
import type { CaptureClock } from './clock.ts';
import type { JournalEntry } from './journal.schema.ts';
import type { TakePast } from './take-past.ts';
import { takePosition } from './take-position.ts';

const wallMs = 1_700_000_000_000;

const position = (past?: TakePast) => {
  const lines: JournalEntry[] = [];
  let nowMs = 10_000;
  const clock: CaptureClock = { bootId: 'boot', monotonicMs: () => nowMs, wallMs: () => wallMs + nowMs };
  const note = (entry: JournalEntry): void => void lines.push(entry);
  const place = takePosition({ takeId: 'take', ordinal: 2, clock, note, past });
  return { place, lines, pass: (ms: number) => (nowMs += ms) };
};

describe('the position of a take', () => {
  it('is counted from its first sample, which is noted once', () => {
    const { place, lines, pass } = position();
    expect(place.nowSample()).toBe(0);
    expect(place.anchor()).toBeUndefined();
    place.arrive(9_980);
    pass(1_000);
    place.arrive(10_980);
    expect(place.nowSample()).toBe(1.02 * 48_000);
    const anchor = { bootId: 'boot', monotonicMs: 9_980, wallMs: wallMs + 9_980 };
    expect(lines).toEqual([{ type: 'takeStarted', atMs: anchor.wallMs, takeId: 'take', ordinal: 2, anchor }]);
  });

  it('goes on through a lost connection, which becomes one gap', () => {
    const { place, lines, pass } = position();
    place.arrive(10_000);
    pass(2_000);
    place.lose();
    pass(5_000);
    place.arrive(16_900);
    const gap = { fromSample: 96_000, toSample: 331_200, reason: 'reconnecting' };
    expect(lines.slice(1)).toMatchObject([{ type: 'gap', file: null, ...gap }]);
    expect(place.gaps()).toEqual({ gaps: 1, gapSamples: 235_200 });
  });

  it('goes on where another process was lost, with the same anchor', () => {
    const anchor = { bootId: 'boot', monotonicMs: 0, wallMs };
    const { place, lines } = position({ anchor, reachedSamples: 240_000, epochs: new Map() });
    expect(place.nowSample()).toBe(480_000);
    expect(place.arrive(10_000)).toBe(anchor);
    expect(lines).toMatchObject([{ type: 'gap', fromSample: 240_000, toSample: 480_000, reason: 'captureLost' }]);
  });
});
