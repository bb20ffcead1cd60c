/**
 * The capture's clock. Positions are counted on the kernel's monotonic clock, which all processes since the same boot
 * share: a capture that was killed and started again goes on counting from the same anchor. The wall clock is a label,
 * and the way back to the timeline only when the machine itself was restarted in between.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SAMPLE_RATE } from '../timeline.schema.ts';

/** The moment of sample 0 of a take, on both clocks, in milliseconds. */
export const AnchorSchema = z.object({ bootId: z.string(), monotonicMs: z.number(), wallMs: z.number() });
export type Anchor = z.infer<typeof AnchorSchema>;

export type CaptureClock = { bootId: string; monotonicMs: () => number; wallMs: () => number };

const readBootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
};

export const systemClock = (): CaptureClock => ({
  bootId: readBootId(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  wallMs: () => Date.now(),
});

/** The anchor of a take whose first sample lay at `monotonicMs` of this clock. */
export const anchorAt = (clock: CaptureClock, monotonicMs: number): Anchor => ({
  bootId: clock.bootId,
  monotonicMs,
  wallMs: clock.wallMs() - (clock.monotonicMs() - monotonicMs),
});

/**
 * The same anchor as seen from this boot: unchanged while the machine ran through, otherwise laid on the monotonic
 * clock by the time that the wall clock says has passed.
 */
export const reanchor = (anchor: Anchor, clock: CaptureClock): Anchor => {
  const sameBoot = anchor.bootId === clock.bootId && anchor.monotonicMs <= clock.monotonicMs();
  if (sameBoot) return anchor;
  const passedMs = Math.max(0, clock.wallMs() - anchor.wallMs);
  return { bootId: clock.bootId, monotonicMs: clock.monotonicMs() - passedMs, wallMs: anchor.wallMs };
};

export const msOfSamples = (samples: number): number => (samples * 1000) / SAMPLE_RATE;
export const samplesOfMs = (ms: number): number => Math.round((ms * SAMPLE_RATE) / 1000);

/** Samples from the anchor to a moment of the monotonic clock; never negative. */
export const samplesAt = (anchor: Anchor, monotonicMs: number): number =>
  Math.max(0, samplesOfMs(monotonicMs - anchor.monotonicMs));
