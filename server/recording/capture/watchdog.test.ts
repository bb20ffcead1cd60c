import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './control.schema.ts';
import { judge } from './watchdog.ts';

const well = { ageMs: 0, freeBytes: 10 * 1024 ** 3, rssBytes: 150 * 1024 ** 2, unwantedMs: 0 };

describe('the watchdog of a capture', () => {
  it('is silent while all is well', () => {
    expect(judge(well, DEFAULT_LIMITS)).toBeUndefined();
  });

  it.each([
    ['diskLow', { freeBytes: 255 * 1024 ** 2 }],
    ['limitReached', { ageMs: DEFAULT_LIMITS.maxDurationMs + 1 }],
    ['memoryHigh', { rssBytes: DEFAULT_LIMITS.maxRssBytes + 1 }],
    ['unwanted', { unwantedMs: DEFAULT_LIMITS.idleMs + 1 }],
  ])('ends it when %s', (verdict, vitals) => {
    expect(judge({ ...well, ...vitals }, DEFAULT_LIMITS)).toBe(verdict);
  });

  it('names the disk first', () => {
    expect(judge({ ...well, freeBytes: 0, unwantedMs: 1e9 }, DEFAULT_LIMITS)).toBe('diskLow');
  });
});
