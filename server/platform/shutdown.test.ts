import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { createLog } from './log.ts';
import { createShutdown, PHASES, shutdownOnSignals } from './shutdown.ts';

const silent = createLog({ level: 'fatal' });

it('phases run in their order, the steps of one phase at once', async () => {
  const seen: string[] = [];
  const shutdown = createShutdown(
    [
      { name: 'first', capMs: 1000 },
      { name: 'second', capMs: 1000 },
    ],
    silent,
  );
  const bothRun = Promise.withResolvers<void>();
  shutdown.add('second', 'z', () => void seen.push('second'));
  shutdown.add('first', 'a', async () => {
    await bothRun.promise;
    seen.push('first a');
  });
  shutdown.add('first', 'b', () => {
    seen.push('first b');
    bothRun.resolve();
  });
  await Promise.all([shutdown.run(), shutdown.run()]);
  expect(seen).toEqual(['first b', 'first a', 'second']);
});

it('a step that hangs or fails holds nobody up beyond the cap of its phase', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
  const shutdown = createShutdown(
    [
      { name: 'stuck', capMs: 20 },
      { name: 'last', capMs: 20 },
    ],
    log,
  );
  let last = false;
  shutdown.add('stuck', 'hangs', () => new Promise(() => {}));
  shutdown.add('stuck', 'throws', () => {
    throw new Error('broken');
  });
  shutdown.add('last', 'runs', () => {
    last = true;
  });
  await shutdown.run();
  expect(last).toBe(true);
  expect(lines.join('')).toContain('"steps":["hangs"]');
});

it('an unknown phase is refused when it is named, not when the process ends', () => {
  expect(() => createShutdown(PHASES, silent).add('databse', 'x', () => {})).toThrow(/no shutdown phase/);
});

it('all phases together end before the launcher loses patience', () => {
  expect(PHASES.reduce((sum, { capMs }) => sum + capMs, 0)).toBeLessThan(6000);
});

it.each(['SIGINT', 'SIGTERM'])('%s ends in order, a second signal at once', async (signal) => {
  const source = Object.assign(new EventEmitter(), { exit: (code: number): void => void source.emit('exit', code) });
  const shutdown = createShutdown([{ name: 'only', capMs: 5000 }], silent);
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  shutdown.add('only', 'x', () => {
    entered.resolve();
    return leave.promise;
  });
  shutdownOnSignals(shutdown, silent, source);
  source.emit(signal);
  await entered.promise;
  const forced = once(source, 'exit');
  source.emit('SIGINT');
  expect(await forced).toEqual([1]);
  const ended = once(source, 'exit');
  leave.resolve();
  expect(await ended).toEqual([0]);
});
