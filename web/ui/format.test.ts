import { expect, it } from 'vitest';
import { day, elapsed, lengthInWords, sizeInWords, spanInWords } from './format.ts';

it('a running time reads as on a clock', () => {
  expect([0, 4_999, 65_000, 1_450_000, 3_723_000].map(elapsed)).toEqual(['0:00', '0:04', '1:05', '24:10', '1:02:03']);
});

it('a clock that runs behind the server never shows a negative time', () => {
  expect(elapsed(-800)).toBe('0:00');
});

it('a length in words is rounded to what one would say', () => {
  expect([40_000, 2_885_000, 3_600_000, 4_320_000].map(lengthInWords)).toEqual(['40 s', '48 min', '1 h', '1 h 12 min']);
});

it('a day of this year is said without the year, one of another year with it', () => {
  const now = new Date('2026-11-22T12:00:00');
  expect(day('2026-11-19T12:00:00', 'en', now)).toBe('19 November');
  expect(day('2025-11-19T12:00:00', 'it', now)).toBe('19 novembre 2025');
});

it('a file’s size is said in megabytes', () => {
  expect(sizeInWords(33_400_000, 'en')).toBe('33 MB');
  expect(sizeInWords(1_540_000, 'it')).toBe('1,5 MB');
  expect(sizeInWords(21_000_000_000, 'en')).toBe('21 GB');
});

it('what space is left is said in whole units and never rounded up', () => {
  expect([0, 25, 119, 359, 4400].map((minutes) => spanInWords(minutes, 'en'))).toEqual([
    '0 minutes',
    '25 minutes',
    '119 minutes',
    '5 hours',
    '3 days',
  ]);
  expect(spanInWords(300, 'it')).toBe('5 ore');
});
