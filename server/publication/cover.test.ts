import { expect, it } from 'vitest';
import { drawCover, fnv1a, mulberry32 } from './cover-drawing.ts';

it('FNV-1a gives its published vectors', () => {
  expect(fnv1a('')).toBe(0x811c9dc5);
  expect(fnv1a('a')).toBe(0xe40c292c);
  expect(fnv1a('foobar')).toBe(0xbf9cf968);
});

it('random numbers lie in [0, 1) and repeat with their seed', () => {
  const [one, two] = [mulberry32(7), mulberry32(7)];
  for (let index = 0; index < 100; index++) {
    const number = one();
    expect(number).toBe(two());
    expect(number >= 0 && number < 1).toBe(true);
  }
});

it('the same title always has the same cover, and many titles have many', () => {
  expect(drawCover('The harbour', 400)).toBe(drawCover('The harbour', 400));
  const covers = new Set(Array.from({ length: 200 }, (_, index) => drawCover(`Evening ${index}`, 400)));
  expect(covers.size).toBeGreaterThan(30);
});

it('no title finds its way into the drawing', () => {
  expect(drawCover('<script>alert(1)</script>', 400)).not.toContain('script');
});
