import { expect, it } from 'vitest';
import type { TakeView } from '../../server/recording/recording.schema.ts';
import { clockOf, cuttable, moved, rangeOf, rangesOf, type Part } from './cut-draft.ts';

const take = { id: 'one', state: 'closed', durationMs: 723_560 } as TakeView;
const part = (from: string, to: string): Part => ({ id: 1, takeId: 'one', from, to });

it('a time reads back as it was written, to the tenth of a second', () => {
  expect([0, 950, 723_560, 3_723_400].map(clockOf)).toEqual(['0:00.0', '0:00.9', '12:03.5', '1:02:03.4']);
  expect(rangeOf(part('0:00.9', '12:03,4'), [take])).toEqual({ takeId: 'one', fromMs: 900, toMs: 723_400 });
});

it('the end of a take as it is shown means its last sample', () => {
  expect(rangeOf(part('0:00.0', '12:03.5'), [take])).toEqual({ takeId: 'one', fromMs: 0, toMs: 723_560 });
});

it('says what is wrong: no time, the wrong order, beyond the take', () => {
  expect(rangeOf(part('soon', '1:00'), [take])).toBe('time');
  expect(rangeOf(part('', '1:00'), [take])).toBe('time');
  expect(rangeOf(part('1:00', '1:00'), [take])).toBe('order');
  expect(rangeOf(part('1:00', '12:03.6'), [take])).toBe('length');
});

it('one wrong part keeps the whole cut from being made', () => {
  expect(rangesOf([part('0:00', '0:05'), part('0:05', '0:01')], [take])).toBeNull();
  expect(rangesOf([], [take])).toBeNull();
  expect(rangesOf([part('0:00', '0:05'), part('0:01', '0:02')], [take])).toHaveLength(2);
});

it('a part moves one place, and stays where it cannot go further', () => {
  const [a, b] = [part('0', '1'), { ...part('2', '3'), id: 2 }];
  expect(moved([a, b], 1, -1)).toEqual([b, a]);
  expect(moved([a, b], 1, 1)).toEqual([a, b]);
});

it('only what has ended can be cut', () => {
  const running = { ...take, state: 'capturing' } as TakeView;
  const empty = { ...take, durationMs: 0 } as TakeView;
  expect(cuttable([running, take, empty])).toEqual([take]);
});
