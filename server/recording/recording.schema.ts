import { z } from 'zod';
import { problemSchema } from '../platform/problem.schema.ts';

export const takeSchema = z
  .object({
    id: z.string(),
    ordinal: z.int(),
    state: z.enum(['starting', 'capturing', 'closing', 'closed', 'lost']),
    /** Of the first and last captured sample. */
    startedAt: z.iso.datetime().nullable(),
    stoppedAt: z.iso.datetime().nullable(),
    durationMs: z.int().nullable(),
    gaps: z.array(z.object({ fromMs: z.int(), toMs: z.int(), reason: z.string() })),
    tracks: z.array(
      z.object({
        speaker: z.string(),
        file: z.string(),
        offsetMs: z.number(),
        durationMs: z.number(),
        published: z.boolean(),
      }),
    ),
    problem: problemSchema.nullable(),
  })
  .meta({ id: 'Take' });
export type TakeView = z.infer<typeof takeSchema>;

export const RENDER_STEPS = ['probe', 'align', 'mix', 'master', 'encode', 'peaks', 'verify', 'ready'] as const;

export const renditionSchema = z
  .object({
    kind: z.enum(['mp3', 'm4a', 'opus']),
    mediaType: z.string(),
    url: z.url(),
    /** Relative to the recording's folder. */
    file: z.string(),
    bytes: z.int(),
    durationMs: z.int(),
    sha256: z.string(),
  })
  .meta({ id: 'Rendition' });
export type RenditionView = z.infer<typeof renditionSchema>;

export const masterSchema = z
  .object({
    id: z.uuid(),
    state: z.enum(['queued', 'rendering', 'ready', 'failed', 'superseded']),
    step: z.enum(RENDER_STEPS).nullable(),
    percent: z.int().min(0).max(100),
    etaMs: z.int().nullable(),
    durationMs: z.int().nullable(),
    loudnessLufs: z.number().nullable(),
    truePeakDbtp: z.number().nullable(),
    renditions: z.array(renditionSchema),
    queuedAt: z.iso.datetime(),
    readyAt: z.iso.datetime().nullable(),
    problem: problemSchema.nullable(),
  })
  .meta({ id: 'Master' });
export type MasterView = z.infer<typeof masterSchema>;

/** Everything captured of one live session on a host's order. */
export const recordingSchema = z
  .object({
    id: z.string(),
    roomSlug: z.string(),
    roomTitle: z.string(),
    liveSessionId: z.string(),
    state: z.enum(['open', 'closed']),
    createdAt: z.iso.datetime(),
    takes: z.array(takeSchema),
    /** The newest; null until the first take has stopped. */
    master: masterSchema.nullable(),
    episodes: z.array(z.object({ slug: z.string(), title: z.string(), state: z.string() })),
  })
  .meta({ id: 'Recording' });
export type RecordingView = z.infer<typeof recordingSchema>;
