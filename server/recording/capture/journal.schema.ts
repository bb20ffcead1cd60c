/** The lines of a recording's `events.jsonl`: all that a timeline can be rebuilt from. */
import { z } from 'zod';
import { GapSchema } from '../timeline.schema.ts';
import { AnchorSchema } from './clock.ts';

const takeId = z.string();
const samples = z.int().nonnegative();
/** Wall clock, epoch ms: a label. */
const atMs = z.number();

/** Somebody whose microphone may be captured: who, under which consent row, and whether it may be published. */
export const AllowedSpeakerSchema = z.object({
  identity: z.string(),
  speaker: z.string(),
  seatId: z.string(),
  consentId: z.string(),
  published: z.boolean(),
  /** The words the answer was given to, and their language. */
  wording: z.string(),
  language: z.string(),
});
export type AllowedSpeaker = z.infer<typeof AllowedSpeakerSchema>;

export const JournalEntrySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('captureStarted'), atMs, recordingId: z.string(), pid: z.int() }),
  z.object({ type: z.literal('takeStarted'), atMs, takeId, ordinal: z.int().nonnegative(), anchor: AnchorSchema }),
  z.object({ type: z.literal('restarted'), atMs, takeId, pid: z.int() }),
  z.object({
    type: z.literal('trackOpened'),
    atMs,
    takeId,
    file: z.string(),
    trackSid: z.string(),
    epoch: z.int().positive(),
    offsetSamples: samples,
    ...AllowedSpeakerSchema.omit({ wording: true, language: true }).shape,
  }),
  /** The consent in force for one who may be captured, at the start of a take and at each change; never of one who may not. */
  z.object({ type: z.literal('consent'), atMs, takeId, atSample: samples, ...AllowedSpeakerSchema.shape }),
  /** Set by a person while recording. */
  z.object({ type: z.literal('mark'), atMs, takeId, markId: z.string(), atSample: samples, label: z.string() }),
  /** Whoever is captured begins and stops to be heard, as the media server says. */
  z.object({ type: z.literal('speakerOn'), atMs, takeId, trackSid: z.string(), atSample: samples }),
  z.object({ type: z.literal('speakerOff'), atMs, takeId, trackSid: z.string(), atSample: samples }),
  /** Zeros instead of what a neighbour's microphone may have let through of a voice that is not recorded. */
  z.object({ type: z.literal('gated'), atMs, takeId, file: z.string(), fromSample: samples, toSample: samples }),
  /** From a receipt: no master holds this seat's voice any more; with `erased` its files are gone too. */
  z.object({ type: z.literal('withdrawn'), atMs, seatId: z.string(), erased: z.boolean() }),
  z.object({ type: z.literal('muted'), atMs, takeId, trackSid: z.string(), atSample: samples }),
  z.object({ type: z.literal('unmuted'), atMs, takeId, trackSid: z.string(), atSample: samples }),
  /** `file` null: nobody was captured. */
  z.object({ type: z.literal('gap'), atMs, takeId, file: z.string().nullable(), ...GapSchema.shape }),
  /** A small correction in silence; negative samples were dropped. */
  z.object({ type: z.literal('nudged'), atMs, takeId, file: z.string(), atSample: samples, samples: z.int() }),
  z.object({ type: z.literal('trackClosed'), atMs, takeId, file: z.string(), lengthSamples: samples }),
  /** Every two seconds: the take has reached this position. */
  z.object({ type: z.literal('progress'), atMs, takeId, samples }),
  z.object({ type: z.literal('takeStopped'), atMs, takeId, samples, reason: z.string() }),
  z.object({ type: z.literal('captureStopped'), atMs, reason: z.string() }),
]);
export type JournalEntry = z.infer<typeof JournalEntrySchema>;
export type JournalEntryOf<Type extends JournalEntry['type']> = Extract<JournalEntry, { type: Type }>;
