import { expect, it } from 'vitest';
import { places } from './places.ts';

it('as many as the limit says hold a key, a place given back twice is one place', () => {
  const sockets = places(2);
  const [first, second] = [sockets.take('a'), sockets.take('a')];
  expect([first, second, sockets.take('a')].map(Boolean)).toEqual([true, true, false]);
  expect(sockets.take('b')).toBeDefined();
  first?.();
  first?.();
  expect([sockets.take('a'), sockets.take('a')].map(Boolean)).toEqual([true, false]);
});
