import { z } from 'zod';
import { PRESETS } from '../recording.schema.ts';
import { RENDITION_KINDS } from './encode.ts';

const loudness = { loudnessLufs: z.number().nullable(), truePeakDbtp: z.number().nullable() };

export const VoiceReportSchema = z.object({
  speaker: z.string(),
  seatId: z.string(),
  gainDb: z.number(),
  /** Of the voice as it was recorded. */
  loudnessLufs: z.number().nullable(),
  warnings: z.array(z.enum(['silent', 'noisy', 'too-quiet', 'unreadable', 'shorter'])),
});
export type VoiceReport = z.infer<typeof VoiceReportSchema>;

export const MasterReportSchema = z.object({
  ...loudness,
  rounds: z.int().positive(),
  voices: z.array(VoiceReportSchema),
});
export type MasterReport = z.infer<typeof MasterReportSchema>;

export const EncodedSchema = z.object({ bytes: z.int(), sha256: z.string() });

export const VerifiedSchema = z.object({
  ...loudness,
  decodedSamples: z.int(),
  /** What the container says of itself; players show it. */
  containerMs: z.int().nullable(),
});

export const RenditionReportSchema = z.object({
  kind: z.enum(RENDITION_KINDS),
  mediaType: z.string(),
  file: z.string(),
  ...EncodedSchema.shape,
  ...VerifiedSchema.shape,
});
export type RenditionReport = z.infer<typeof RenditionReportSchema>;

/**
 * What was made and how good it is: `quality.json`, written last into a published folder, so that the folder is
 * complete when it can be read. Files are named relative to it.
 */
export const QualitySchema = z.object({
  version: z.literal(1),
  preset: z.enum(PRESETS),
  ffmpeg: z.string(),
  durationSamples: z.int(),
  durationMs: z.int(),
  /** Names what the master was made of: other tags, a new cover or title, need no new one. */
  masterKey: z.string(),
  master: MasterReportSchema,
  renditions: z.array(RenditionReportSchema),
  /** Bars that were missed without harm to the sound's completeness. */
  warnings: z.array(z.string()),
});
export type Quality = z.infer<typeof QualitySchema>;
