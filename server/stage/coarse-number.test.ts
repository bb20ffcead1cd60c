import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coarseStart, DELAY_MS, LADDER, observe, stepOf } from './coarse-number.ts';
import type { CoarseState } from './coarse-number.ts';

type Look = { atMs: number; count: number };

/** Looks at the number again and again; returns what was shown after each look. */
const watch = (looks: Look[], random: () => number = () => 0.5): number[] => {
  let state: CoarseState = coarseStart;
  return looks.map(({ atMs, count }) => {
    state = observe(state, count, atMs, random);
    return state.shown;
  });
};

const everyTwoSeconds = (counts: number[]): Look[] => counts.map((count, index) => ({ atMs: index * 2000, count }));

/** A walk of up to ten minutes, one look every two seconds, as the reconciler takes them. */
const walk = fc
  .array(fc.record({ count: fc.nat(400), looks: fc.integer({ min: 1, max: 60 }) }), { minLength: 1, maxLength: 8 })
  .map((parts) => everyTwoSeconds(parts.flatMap(({ count, looks }) => Array<number>(looks).fill(count))));
const dice = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));

it('the ladder is 10, 20, 30, 50, 70, 100, 150, 200, 300, 500 and so on', () => {
  expect(LADDER.slice(0, 13)).toEqual([10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500]);
  expect([0, 9, 10, 19, 49, 140, 999].map(stepOf)).toEqual([0, 0, 10, 10, 30, 100, 700]);
});

it('a step is shown only after the number has been beyond its border for 30 to 120 seconds', () => {
  fc.assert(
    fc.property(walk, dice, (looks, random) => {
      const shown = watch(looks, () => random.next().value);
      shown.forEach((now, index) => {
        const before = shown[index - 1] ?? 0;
        if (now === before) return;
        const since = looks.filter(
          ({ atMs }) => atMs > looks[index]!.atMs - DELAY_MS.least && atMs <= looks[index]!.atMs,
        );
        for (const look of since) {
          if (now > before) expect(look.count).toBeGreaterThanOrEqual(now);
          else expect(stepOf(look.count)).toBeLessThan(before);
        }
      });
    }),
  );
});

it('a number that stays is shown within two minutes, up and down', () => {
  fc.assert(
    fc.property(walk, fc.nat(400), dice, (looks, count, random) => {
      const start = looks.length * 2000;
      const rest = Array.from({ length: 62 }, (_, index) => ({ atMs: start + index * 2000, count }));
      expect(watch([...looks, ...rest], () => random.next().value).at(-1)).toBe(stepOf(count));
    }),
  );
});

it('only steps of the ladder are ever shown', () => {
  fc.assert(
    fc.property(walk, dice, (looks, random) => {
      for (const shown of watch(looks, () => random.next().value)) expect([0, ...LADDER]).toContain(shown);
    }),
  );
});

it('flapping around a border shows nothing', () => {
  const looks = everyTwoSeconds(Array.from({ length: 300 }, (_, index) => (index % 14 < 13 ? 10 : 9)));
  expect(new Set(watch(looks, () => 0))).toEqual(new Set([0]));
});
