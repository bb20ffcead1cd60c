import { expect, it } from 'vitest';
import { repeat } from './repeat.ts';

type Line = { level: string; text: string };

const setUp = (work: (run: number) => Promise<void>) => {
  const lines: Line[] = [];
  const line = (level: string) => (_fields: object, text: string) => void lines.push({ level, text });
  let runs = 0;
  const reached = new Map<number, () => void>();
  const loop = repeat(
    'test',
    1,
    async () => {
      runs += 1;
      reached.get(runs)?.();
      await work(runs);
    },
    { info: line('info'), error: line('error') } as never,
  );
  const run = (number: number) => new Promise<void>((resolve) => reached.set(number, resolve));
  return { loop, lines, run, runs: () => runs };
};

it('a failure is logged when it begins and when it has passed, not every time', async () => {
  const { loop, lines, run } = setUp(async (number) => {
    if (number < 4) throw new Error('down');
  });
  const fifth = run(5);
  loop.start();
  await fifth;
  await loop.stop();
  expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
});

it('stopping waits for the run under way, and none follows', async () => {
  let finish = (): void => {};
  const { loop, run, runs } = setUp(() => new Promise((resolve) => (finish = resolve)));
  const first = run(1);
  loop.start();
  await first;
  let stopped = false;
  const stopping = loop.stop().then(() => (stopped = true));
  await Promise.resolve();
  expect(stopped).toBe(false);
  finish();
  await stopping;
  expect(runs()).toBe(1);
});
