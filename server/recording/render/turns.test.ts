import { expect, it } from 'vitest';
import { inTurns } from './turns.ts';

it('never more than so many at once, results in order', async () => {
  let running = 0;
  let most = 0;
  const results = await inTurns([3, 1, 2, 5], 2, async (item) => {
    most = Math.max(most, ++running);
    for (let i = 0; i < item; i++) await Promise.resolve();
    running--;
    return item * 10;
  });
  expect(results).toEqual([30, 10, 20, 50]);
  expect(most).toBe(2);
});

it('after a failure nothing new is begun, and what runs is waited for', async () => {
  const done: number[] = [];
  const work = async (item: number) => {
    if (item === 0) throw new Error('first');
    for (let i = 0; i < 20; i++) await Promise.resolve();
    done.push(item);
  };
  await expect(inTurns([0, 1, 2, 3], 2, work)).rejects.toThrow('first');
  expect(done).toEqual([1]);
});
