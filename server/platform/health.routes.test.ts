import { expect, it } from 'vitest';
import { sharedLook } from './health.routes.ts';

it('however many ask at once, and within half a second, each part is looked at once', async () => {
  let looks = 0;
  let nowMs = 0;
  const answer = { state: true };
  const look = sharedLook(
    async () => {
      looks += 1;
      return answer.state;
    },
    () => nowMs,
  );
  expect(new Set(await Promise.all(Array.from({ length: 1000 }, look)))).toEqual(new Set(['ok']));
  answer.state = false;
  nowMs = 499;
  expect([await look(), looks]).toEqual(['ok', 1]);
  nowMs = 500;
  expect([await look(), looks]).toEqual(['failing', 2]);
});

it('a part whose look fails is failing, and is looked at again', async () => {
  let nowMs = 0;
  let isDown = true;
  const look = sharedLook(
    async () => {
      if (isDown) throw new Error('down');
      return true;
    },
    () => nowMs,
  );
  expect(await look()).toBe('failing');
  isDown = false;
  nowMs = 500;
  expect(await look()).toBe('ok');
});
