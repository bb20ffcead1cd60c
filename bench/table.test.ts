import { describe, expect, it } from 'vitest';
import { atMost, notMeasured } from './bars/bar.ts';
import { summaryOf, tableOf } from './table.ts';

const readings = [
  { ...atMost(7, 'lost', 2.5, 2, 's'), floor: 'bare: 1.00 s', ratio: 2.5 },
  atMost(1, 'off −16 LUFS', 0.1, 0.3, 'LU'),
  notMeasured(9, 'power cut', '≤ 2 s', 'no disk'),
];

describe('the table of the bars', () => {
  it('has one row for each reading, by bar, with what was missed and what was not measured', () => {
    const rows = tableOf(readings).split('\n');
    expect(rows.length).toBe(5);
    expect(rows[2]).toMatch(/^1 +off −16 LUFS +0\.10 LU +≤ 0\.3 LU +ok$/);
    expect(rows[3]).toMatch(/^7 +lost +2\.50 s +≤ 2 s +MISS +bare: 1\.00 s +2\.50$/);
    expect(rows[4]).toMatch(/not measured: no disk +≤ 2 s +–$/);
  });

  it('counts a bar with any miss as missed, and one with a gap as not wholly measured', () => {
    expect(summaryOf(readings)).toBe('1 bars held, 1 missed, 1 not or not wholly measured');
    expect(summaryOf([...readings, atMost(7, 'away', 1, 5, 's')])).toMatch('1 bars held, 1 missed');
  });
});
