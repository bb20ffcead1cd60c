import { describe, expect, it } from 'vitest';
import { tone } from '../../../test/support/voices.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { HOLD_SAMPLES } from './bleed-gate.ts';
import { heldFile } from './held-file.ts';

const OFFSET = 10 * SAMPLE_RATE;
const BEAT = SAMPLE_RATE / 10;

/** A file that only counts, a room with or without somebody who is not captured, and the time. */
const setUp = (stranger: boolean, speaksFrom = Infinity) => {
  const seen = { samples: 0, zeros: 0, told: [] as number[], gated: [] as [number, number][] };
  const file = {
    lengthSamples: () => seen.samples + seen.zeros,
    writtenBytes: () => 0,
    lagBytes: () => 0,
    write: (samples: Int16Array) => void (seen.samples += samples.length),
    writeZeros: (count: number) => void (seen.zeros += count),
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(0),
  };
  let now = OFFSET;
  const held = heldFile({
    file,
    offsetSamples: OFFSET,
    watch: {
      holding: () => stranger,
      nowSample: () => now,
      mayHoldOthers: (_from, to) => to > speaksFrom,
      namesOwner: () => false,
    },
    onWritten: (fromSample) => seen.told.push(fromSample),
    onGated: (from, to) => seen.gated.push([from, to]),
  });
  const pass = (beats: number): void => {
    for (let beat = 0; beat < beats; beat++) {
      held.write(tone(700, 0.1, -55));
      now += BEAT;
      held.advance();
    }
  };
  return { held, seen, pass, written: () => seen.samples + seen.zeros };
};

describe('the end of a track that is still in memory', () => {
  it('is nothing while everybody is captured', () => {
    const { pass, held, written, seen } = setUp(false);
    pass(5);
    expect([held.heldBytes(), written(), held.endSample()]).toEqual([0, 5 * BEAT, OFFSET + 5 * BEAT]);
    expect(seen.told[0]).toBe(OFFSET);
  });

  it('is a second and a quarter while somebody is not, and all of it is in the file at the end', () => {
    const { pass, held, written } = setUp(true);
    pass(30);
    expect(held.heldBytes()).toBeGreaterThanOrEqual(2 * HOLD_SAMPLES);
    expect(held.heldBytes()).toBeLessThan(2 * (HOLD_SAMPLES + BEAT));
    held.flush();
    expect([held.heldBytes(), written()]).toEqual([0, 30 * BEAT]);
  });

  it('what is silenced is told as one stretch, and nobody else hears of its samples', () => {
    const { pass, held, seen } = setUp(false, OFFSET + 2 * BEAT);
    pass(6);
    held.flush();
    expect(seen.gated).toEqual([[OFFSET + 2 * BEAT, OFFSET + 6 * BEAT]]);
    expect(seen.told.every((fromSample) => fromSample < OFFSET + 2 * BEAT)).toBe(true);
    expect([seen.samples, seen.zeros]).toEqual([2 * BEAT, 4 * BEAT]);
  });

  it('at the stop, when the word on the last second does not come any more, that second is judged as if it had come', () => {
    const { pass, held, seen } = setUp(true);
    pass(30);
    held.flush();
    expect(seen.gated).toEqual([[OFFSET + 30 * BEAT - 57_600, OFFSET + 30 * BEAT]]);
  });

  it('zeros for what was lost wait in line', () => {
    const { held, seen, pass } = setUp(true);
    pass(1);
    held.writeZeros(SAMPLE_RATE);
    pass(1);
    held.flush();
    expect(seen.zeros).toBeGreaterThanOrEqual(SAMPLE_RATE);
    expect(held.endSample()).toBe(OFFSET + SAMPLE_RATE + 2 * BEAT);
  });
});
