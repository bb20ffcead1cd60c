import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALIAS_COUNT, freshAlias } from './alias.ts';

it('there are more than two thousand aliases, all different', () => {
  const seen = new Set(Array.from({ length: ALIAS_COUNT }, (_, index) => freshAlias(new Set(), () => index)));
  expect(seen.size).toBe(ALIAS_COUNT);
  expect(ALIAS_COUNT).toBeGreaterThan(2000);
});

it('no two of a hundred open hands share an alias, whatever the dice say', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(ALIAS_COUNT - 1), { minLength: 1, maxLength: 100 }), (dice) => {
      const taken = new Set<string>();
      for (const die of dice) taken.add(freshAlias(taken, () => die));
      expect(taken.size).toBe(dice.length);
    }),
  );
});
