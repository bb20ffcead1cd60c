import { describe, expect, it } from 'vitest';
import type { TestOutcome } from './tally.ts';
import { slowest, tally } from './tally.ts';

const test = (name: string, state: TestOutcome['state'], durationMs = 1): TestOutcome => ({ name, state, durationMs });

describe('tally', () => {
  it('counts tests over all files', () => {
    const files = [
      { name: 'a', errors: 0, tests: [test('1', 'passed'), test('2', 'failed')] },
      { name: 'b', errors: 0, tests: [test('3', 'passed')] },
    ];
    expect(tally(files, 0)).toEqual({ passed: 2, failed: 1 });
  });

  it('counts what did not run as failed, so that nothing is skipped silently', () => {
    expect(tally([{ name: 'a', errors: 1, tests: [test('1', 'skipped'), test('2', 'pending')] }], 0)).toEqual({
      passed: 0,
      failed: 2,
    });
  });

  it('counts a file that could not be loaded, a file without tests, a failed hook and an unhandled error', () => {
    expect(tally([{ name: 'a', errors: 1, tests: [] }], 0).failed).toBe(1);
    expect(tally([{ name: 'a', errors: 0, tests: [] }], 0).failed).toBe(1);
    expect(tally([{ name: 'a', errors: 1, tests: [test('1', 'passed')] }], 0).failed).toBe(1);
    expect(tally([], 2).failed).toBe(2);
  });
});

it('slowest names the slowest tests first', () => {
  const files = [{ name: 'f', errors: 0, tests: [test('quick', 'passed', 40), test('slow', 'passed', 2100)] }];
  expect(slowest(files, 1)).toEqual(['    2.1 s  f › slow']);
});
