import { z } from 'zod';
import { SAMPLE_RATE } from '../timeline.schema.ts';

/**
 * The shape of an episode's sound for a waveform. `peaks` holds, for each span of `samplesPerPeak` samples at 48 kHz,
 * the lowest and the highest value as a pair of integers from −128 to 127; there are ten spans in a second of a long
 * episode, and at least 1200 of them in a short one.
 */
export const PeaksSchema = z.object({
  version: z.literal(1),
  lengthMs: z.int().nonnegative(),
  sampleRate: z.literal(SAMPLE_RATE),
  samplesPerPeak: z.int().positive(),
  peaks: z.array(z.int().min(-128).max(127)),
});
export type Peaks = z.infer<typeof PeaksSchema>;

const LONGEST_SPAN = SAMPLE_RATE / 10;
const FEWEST_SPANS = 1200;

/** Gathers peaks from 16-bit samples as they are decoded, in chunks of any size, an odd number of bytes included. */
export const peakCollector = (lengthSamples: number) => {
  const samplesPerPeak = Math.max(1, Math.min(LONGEST_SPAN, Math.floor(lengthSamples / FEWEST_SPANS)));
  const peaks: number[] = [];
  let low = 0;
  let high = 0;
  let inSpan = 0;
  let samples = 0;
  let odd: Buffer = Buffer.alloc(0);
  const endSpan = () => {
    peaks.push(Math.floor(low / 256), Math.floor(high / 256));
    low = high = inSpan = 0;
  };
  return {
    add: (chunk: Buffer) => {
      const bytes = odd.length > 0 ? Buffer.concat([odd, chunk]) : chunk;
      const even = bytes.length & ~1;
      for (let at = 0; at < even; at += 2) {
        const sample = bytes.readInt16LE(at);
        if (sample < low) low = sample;
        if (sample > high) high = sample;
        if (++inSpan === samplesPerPeak) endSpan();
      }
      samples += even / 2;
      odd = bytes.subarray(even);
    },
    finish: (): { peaks: Peaks; samples: number } => {
      if (inSpan > 0) endSpan();
      const lengthMs = Math.round((samples * 1000) / SAMPLE_RATE);
      return { peaks: { version: 1, lengthMs, sampleRate: SAMPLE_RATE, samplesPerPeak, peaks }, samples };
    },
  };
};
