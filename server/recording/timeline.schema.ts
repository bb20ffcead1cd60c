/**
 * What a recording is made of, as the render reads it: takes in their order, and for each take the files of its
 * speakers laid on the take's own clock. Every position is in samples at 48 kHz from the take's anchor (its first
 * captured sample); wall-clock times are labels only.
 */
import { z } from 'zod';

/** The one sample rate of everything captured: 48 kHz, mono, 16 bit. */
export const SAMPLE_RATE = 48_000;

const samples = z.int().nonnegative();

/** A stretch in which sound was lost; it is silence on the timeline, never removed time. */
export const GapSchema = z.object({
  fromSample: samples,
  toSample: samples,
  reason: z.enum(['stalled', 'reconnecting', 'captureLost', 'networkLost']),
});
export type Gap = z.infer<typeof GapSchema>;

/**
 * One file of one speaker: sample 0 of the file lies at `offsetSamples` of the take, and the file is continuous from
 * there (its own gaps are zeros inside it). `file` is relative to the recording's folder.
 */
export const TimelineTrackSchema = z.object({
  file: z.string(),
  trackSid: z.string(),
  epoch: z.int().positive(),
  identity: z.string(),
  speaker: z.string(),
  seatId: z.string(),
  consentId: z.string(),
  published: z.boolean(),
  offsetSamples: samples,
  lengthSamples: samples,
  gaps: z.array(GapSchema),
});
export type TimelineTrack = z.infer<typeof TimelineTrackSchema>;

/** Set by a person while recording. */
export const TimelineMarkSchema = z.object({ markId: z.string(), atSample: samples, label: z.string() });
export type TimelineMark = z.infer<typeof TimelineMarkSchema>;

/** The consent in force for one speaker from this position of the take on, as it was answered. */
export const TimelineConsentSchema = z.object({
  speaker: z.string(),
  seatId: z.string(),
  consentId: z.string(),
  published: z.boolean(),
  wording: z.string(),
  language: z.string(),
  atSample: samples,
});
export type TimelineConsent = z.infer<typeof TimelineConsentSchema>;

/**
 * One stretch from start or resume to pause or stop. `open` means that no stop is in the journal: either the take is
 * still being captured or the capture died; its length is then what is known to be on disk. The take's own `gaps` are
 * those in which nobody was captured; the gaps of its files are listed with them.
 */
export const TimelineTakeSchema = z.object({
  takeId: z.string(),
  ordinal: z.int().nonnegative(),
  startedAtMs: z.number(),
  lengthSamples: samples,
  state: z.enum(['open', 'closed']),
  stopReason: z.string().nullable(),
  tracks: z.array(TimelineTrackSchema),
  gaps: z.array(GapSchema),
  marks: z.array(TimelineMarkSchema).default([]),
  consents: z.array(TimelineConsentSchema).default([]),
});
export type TimelineTake = z.infer<typeof TimelineTakeSchema>;

/** All takes of one recording, by ordinal. */
export const RecordingTimelineSchema = z.object({ takes: z.array(TimelineTakeSchema) });
export type RecordingTimeline = z.infer<typeof RecordingTimelineSchema>;
