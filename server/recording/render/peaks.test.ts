import { expect, it } from 'vitest';
import { PeaksSchema, peakCollector } from './peaks.ts';

const bytesOf = (samples: number[]): Buffer => Buffer.from(Int16Array.from(samples).buffer);

it('peaks are the lowest and highest value of each span, whatever the chunks they came in', () => {
  const length = 2400;
  const samples = Array.from({ length }, (_, i) => (i % 2 === 0 ? 256 * (i % 100) : -256 * (i % 100)));
  const bytes = bytesOf(samples);
  const whole = peakCollector(length);
  whole.add(bytes);
  const pieces = peakCollector(length);
  for (let at = 0; at < bytes.length; at += 7) pieces.add(bytes.subarray(at, at + 7));
  const { peaks, samples: counted } = whole.finish();
  expect(pieces.finish()).toEqual({ peaks, samples: counted });
  expect(counted).toBe(length);
  expect(peaks).toMatchObject({ samplesPerPeak: 2, lengthMs: 50 });
  expect(peaks.peaks.slice(0, 6)).toEqual([-1, 0, -3, 2, -5, 4]);
});

it('an hour has ten peaks a second, and full scale fits', () => {
  const collector = peakCollector(3600 * 48_000);
  collector.add(bytesOf([-32_768, 32_767]));
  const { peaks } = collector.finish();
  expect(PeaksSchema.parse(peaks)).toMatchObject({ samplesPerPeak: 4800, peaks: [-128, 127] });
});
