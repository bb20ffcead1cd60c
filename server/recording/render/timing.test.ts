import { expect, it } from 'vitest';
import { delayBetween } from './timing.ts';

it('finds by how many samples one sound is late against another', () => {
  const plain = Float32Array.from({ length: 28_800 }, (_, i) =>
    i > 4800 && i < 14_400 ? Math.sin(0.2 * i + 0.00002 * i * i) : 0,
  );
  const late = new Float32Array(28_800);
  late.set(plain.subarray(0, 28_800 - 1200), 1200);
  expect(delayBetween(plain, plain)).toBe(0);
  expect(delayBetween(plain, late)).toBe(1200);
});
