import { describe, expect, it, vi } from 'vitest';
import { createLog } from '../platform/log.ts';
import type { Log } from '../platform/log.ts';
import { rowKeeper } from './row-keeper.ts';

const house = () => {
  let isAway = false;
  const written: string[] = [];
  const rows = rowKeeper(createLog({ level: 'silent' }) as Log);
  const write = (line: string) =>
    rows.keep('recording', async () => {
      if (isAway) throw Object.assign(new Error('away'), { code: 'P1001' });
      written.push(line);
      return line;
    });
  return { rows, written, write, away: (away: boolean) => void (isAway = away) };
};

describe('rows that follow', () => {
  it('are written at once while the database answers', async () => {
    const { write, written } = house();
    expect(await write('a')).toEqual({ stored: true, value: 'a' });
    expect(written).toEqual(['a']);
  });

  it('wait in their order while it is away, and stand when it is back, each once', async () => {
    vi.useFakeTimers();
    const { rows, write, written, away } = house();
    away(true);
    expect(await Promise.all([write('a'), write('b')])).toEqual([{ stored: false }, { stored: false }]);
    expect(await write('c')).toEqual({ stored: false });
    expect(await rows.settled('recording')).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    away(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual(['a', 'b', 'c']);
    expect(await rows.settled('recording')).toBe(true);
    vi.useRealTimers();
  });

  it('that the database refuses hold up nobody behind them', async () => {
    const { rows, write, written } = house();
    const refused = rows.keep('recording', async () => Promise.reject(new Error('refused')));
    const next = write('b');
    await expect(refused).rejects.toThrow('refused');
    expect(await next).toEqual({ stored: true, value: 'b' });
    expect(written).toEqual(['b']);
  });

  it('of another recording wait for nobody', async () => {
    const { rows, write } = house();
    const stuck = Promise.withResolvers<void>();
    void rows.keep('another', () => stuck.promise);
    expect(await write('a')).toEqual({ stored: true, value: 'a' });
    stuck.resolve();
  });
});
