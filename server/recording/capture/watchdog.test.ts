import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './control.schema.ts';
import { diskRefusal, judge } from './watchdog.ts';

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

describe('the disk before a take', () => {
  const MIB = 1024 ** 2;
  const outlook = { freeBytes: 2_048 * MIB, fillsPerSecond: 0, speakers: 3 };
  const refusal = (changes: Partial<typeof outlook>) => diskRefusal({ ...outlook, ...changes }, DEFAULT_LIMITS);

  it('has room for three speakers with two gigabytes free', () => {
    expect(refusal({})).toBeUndefined();
  });

  it('is refused below one gigabyte, with nothing else writing', () => {
    expect(refusal({ freeBytes: 1_023 * MIB })).toBe('Less than 1024 MiB are free.');
  });

  it('is refused when others fill it in less than ten minutes, and not when it takes them eleven', () => {
    const spareBytes = outlook.freeBytes - DEFAULT_LIMITS.stopFreeBytes;
    expect(refusal({ fillsPerSecond: spareBytes / 500 })).toMatch(/room for 7 minutes/);
    expect(refusal({ fillsPerSecond: spareBytes / 500, speakers: 100 })).toMatch(/room for 2 minutes/);
    expect(refusal({ fillsPerSecond: spareBytes / 800 })).toBeUndefined();
  });
});
