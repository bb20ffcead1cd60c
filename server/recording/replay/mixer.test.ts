import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mixer } from './mixer.ts';

const voice = (length: number, value: number): Int16Array => new Int16Array(length).fill(value);
/** Back to 16 bit, so that sums compare exactly. */
const pcm = (mix: Float32Array): number[] => [...mix].map((sample) => Math.round(sample * 32_768));

describe('the mixer', () => {
  it('sums voices where they overlap and is silent where nobody speaks', () => {
    const mix = mixer(0);
    mix.add(2, voice(4, 100));
    mix.add(4, voice(4, 30_000));
    expect(pcm(mix.take(10))).toEqual([0, 0, 100, 100, 30_100, 30_100, 30_000, 30_000, 0, 0]);
    expect(mix.mixedTo()).toBe(10);
  });

  it('leaves out what comes too late and says how much that was', () => {
    const mix = mixer(1_000);
    expect(mix.add(900, voice(150, 7))).toBe(100);
    mix.take(1_040);
    expect(mix.add(1_000, voice(30, 7))).toBe(30);
    expect(mix.add(1_038, voice(4, 1))).toBe(2);
    expect(pcm(mix.take(1_052))).toEqual([8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0]);
  });

  it('forgets nothing and repeats nothing however long it runs', () => {
    const mix = mixer(0);
    const block = 10_007;
    for (let at = 0; at < 2_000_000; at += block) {
      mix.add(at, voice(block, (at / block) % 1_000));
      if (mix.mixedTo() + mix.windowSamples < at + 3 * block) mix.take(mix.mixedTo() + 5 * block);
      expect(mix.add(at, voice(0, 1))).toBe(0);
    }
    const next = Math.ceil(mix.mixedTo() / block);
    expect(pcm(mix.take((next + 1) * block)).at(-1)).toBe(next % 1_000);
  });

  it('gives the same mix in whatever pieces the voices are told and taken', () => {
    const piece = fc.record({ from: fc.nat(500), samples: fc.int16Array({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 6 }), (pieces, stops) => {
        const whole = mixer(0);
        const inParts = mixer(0);
        for (const { from, samples } of pieces) {
          whole.add(from, samples);
          samples.forEach((sample, i) => inParts.add(from + i, Int16Array.of(sample)));
        }
        const parts = stops.toSorted((a, b) => a - b).flatMap((stop) => [...inParts.take(stop)]);
        expect([...parts, ...inParts.take(800)]).toEqual([...whole.take(800)]);
      }),
    );
  });
});
