import { describe, expect, it } from 'vitest';
import { levelDbfs, toneDbfs } from '../../../test/support/sound.ts';
import { ADA, speak, tone } from '../../../test/support/voices.ts';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import type { Bleed } from './bleed-gate.ts';
import { HOLD_SAMPLES, bleedDb, bleedGate } from './bleed-gate.ts';

const CY_HZ = 700;
const BEAT = SAMPLE_RATE / 10;
const seconds = (value: number): number => value * SAMPLE_RATE;

/** Somebody who is not recorded may be heard in these seconds, and the owner is named in those. */
const bleedIn = (others: [number, number][], named: [number, number][] = []): Bleed => {
  const within = (spans: [number, number][]) => (from: number, to: number) =>
    spans.some(([start, end]) => seconds(start) < to && seconds(end) > from);
  return { mayHoldOthers: within(others), namesOwner: within(named) };
};
const NOBODY_ELSE = bleedIn([]);

/** What the gate lets out of these samples, given to it each 100 ms and held as a track holds them. */
const through = (pcm: Int16Array, bleed: Bleed): Int16Array => {
  const gate = bleedGate();
  const out = new Int16Array(pcm.length);
  const put = (untilSample: number): void => {
    for (const { fromSample, samples } of gate.release(untilSample, bleed)) if (samples) out.set(samples, fromSample);
  };
  for (let at = 0; at < pcm.length; at += BEAT) {
    const samples = pcm.slice(at, at + BEAT);
    gate.push({ fromSample: at, length: samples.length, samples });
    put(at + samples.length - HOLD_SAMPLES);
  }
  put(Infinity);
  return out;
};

const together = (length: number, ...parts: [atSecond: number, pcm: Int16Array][]): Int16Array => {
  const all = new Int16Array(seconds(length));
  for (const [at, pcm] of parts) pcm.forEach((sample, i) => (all[seconds(at) + i]! += sample));
  return all;
};
const cut = (pcm: Int16Array, from: number, to: number): Int16Array => pcm.slice(seconds(from), seconds(to));

describe('the gate against bleed', () => {
  const bleed = tone(CY_HZ, 3, -55);

  it('changes nothing while nobody else may be heard', () => {
    const pcm = together(6, [0, bleed], [3, speak(ADA, 2)]);
    expect(through(pcm, NOBODY_ELSE)).toEqual(pcm);
  });

  it('silences what somebody else left in a microphone whose owner has not spoken', () => {
    const pcm = together(4, [0, bleed]);
    expect(toneDbfs(through(pcm, bleedIn([[0, 4]])), CY_HZ)).toBeLessThan(-150);
  });

  it('silences it as well after the owner has spoken, and keeps every sample of the speech', () => {
    const pcm = together(8, [0, speak(ADA, 3)], [4, bleed]);
    const out = through(pcm, bleedIn([[3.8, 8]]));
    expect(cut(out, 0, 3)).toEqual(cut(pcm, 0, 3));
    expect(levelDbfs(cut(out, 4, 8))).toBe(-Infinity);
  });

  it('takes nothing of an owner who speaks while somebody else speaks', () => {
    const pcm = together(6, [0, speak(ADA, 6)], [1, bleed]);
    const out = through(pcm, bleedIn([[0, 6]]));
    const lost = pcm.reduce((sum, sample, i) => sum + (sample - out[i]!) ** 2, 0);
    const spoken = pcm.reduce((sum, sample) => sum + sample ** 2, 0);
    expect(lost / spoken).toBeLessThan(1e-6);
  });

  it('keeps the soft beginning and end of a word', () => {
    const soft = tone(300, 0.15, -58);
    const pcm = together(4, [1.85, soft], [2, speak(ADA, 1)], [3, soft]);
    const out = through(pcm, bleedIn([[0, 4]]));
    expect(cut(out, 1.86, 3.14)).toEqual(cut(pcm, 1.86, 3.14));
  });

  it('keeps what LiveKit says is the owner speaking, however soft', () => {
    const pcm = together(3, [0, bleed]);
    expect(through(pcm, bleedIn([[0, 3]], [[1, 2]])).slice(seconds(1), seconds(2))).toEqual(cut(pcm, 1, 2));
  });

  it('knows bleed by how far it lies under the voice of the owner, within bounds', () => {
    expect([undefined, -10, -24, -30, -45].map(bleedDb)).toEqual([-50, -42, -49, -55, -60]);
  });

  it('says what it silenced, sample by sample, and holds no more than it must', () => {
    const gate = bleedGate();
    gate.push({ fromSample: 100, length: 4_800, samples: tone(CY_HZ, 0.1, -55) });
    gate.push({ fromSample: 4_900, length: 9_600, samples: null });
    expect(gate.heldSamples()).toBe(14_400);
    const released = gate.release(4_900, bleedIn([[0, 1]]));
    expect(released.every(({ gated, samples }) => gated && samples === null)).toBe(true);
    expect([released[0]!.fromSample, released.at(-1)!.fromSample + released.at(-1)!.length]).toEqual([100, 4_900]);
    expect(gate.release(Infinity, bleedIn([[0, 1]]))).toEqual([
      expect.objectContaining({ fromSample: 4_900, length: 9_600, samples: null, gated: false }),
    ]);
  });
});
