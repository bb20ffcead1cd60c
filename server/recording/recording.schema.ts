import { z } from 'zod';
import { problemSchema } from '../platform/problem.schema.ts';

export const takeSchema = z
  .object({
    id: z.string(),
    ordinal: z.int(),
    name: z.string().nullable(),
    state: z.enum(['starting', 'capturing', 'closing', 'closed', 'lost']),
    /** Why it ended: stopped, paused, roomEnded, limitReached, diskLow, diskFailed, mediaLost, recovered, … */
    stopReason: z.string().nullable(),
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
    /** Set while recording; `atMs` from the take's first sample. */
    marks: z.array(z.object({ id: z.string(), atMs: z.int(), label: z.string() })),
    /** Under which answers each captured voice was captured, with the words they were given to; `atMs` into the take. */
    consents: z.array(
      z.object({
        speaker: z.string(),
        published: z.boolean(),
        wording: z.string(),
        language: z.string(),
        atMs: z.int(),
      }),
    ),
    problem: problemSchema.nullable(),
  })
  .meta({ id: 'Take' });
export type TakeView = z.infer<typeof takeSchema>;

/** A mark as it was set; `atMs` from its take's first sample. */
export const markSchema = z
  .object({ id: z.string(), takeId: z.string(), atMs: z.int(), label: z.string() })
  .meta({ id: 'Mark' });
export type MarkView = z.infer<typeof markSchema>;

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

/** whole: of all takes so far; cut: of chosen ranges; clip: a stretch of a running take. */
export const MASTER_KINDS = ['whole', 'cut', 'clip'] as const;
export const PRESETS = ['speech', 'music'] as const;

/** One chosen range of one take, in milliseconds from the take's first sample. */
export const cutRangeSchema = z.object({
  takeId: z.string().max(64),
  fromMs: z.int().nonnegative(),
  toMs: z.int().positive(),
});

/** What the finished files measure; null loudness is silence. */
export const qualitySchema = z.object({
  voices: z.array(
    z.object({
      speaker: z.string(),
      loudnessLufs: z.number().nullable(),
      gainDb: z.number(),
      warnings: z.array(z.string()),
    }),
  ),
  files: z.array(
    z.object({
      kind: z.string(),
      loudnessLufs: z.number().nullable(),
      truePeakDbtp: z.number().nullable(),
      durationMs: z.int(),
    }),
  ),
  warnings: z.array(z.string()),
});

export const masterSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(MASTER_KINDS),
    title: z.string().nullable(),
    preset: z.enum(PRESETS),
    cut: z.array(cutRangeSchema),
    state: z.enum(['queued', 'rendering', 'ready', 'failed', 'cancelled', 'superseded', 'withdrawn']),
    step: z.enum(RENDER_STEPS).nullable(),
    percent: z.int().min(0).max(100),
    etaMs: z.int().nullable(),
    durationMs: z.int().nullable(),
    loudnessLufs: z.number().nullable(),
    truePeakDbtp: z.number().nullable(),
    renditions: z.array(renditionSchema),
    quality: qualitySchema.nullable(),
    queuedAt: z.iso.datetime(),
    readyAt: z.iso.datetime().nullable(),
    problem: problemSchema.nullable(),
  })
  .meta({ id: 'Master' });
export type MasterView = z.infer<typeof masterSchema>;

/**
 * What can be heard the moment a take stops: all ended takes one after another, until the master of the same takes is
 * ready and is what this address serves.
 */
export const replaySchema = z
  .object({
    /** none: nothing has been captured; building: made again, for instance after a crash; master: the fine version. */
    state: z.enum(['none', 'building', 'ready', 'master']),
    url: z.url(),
    durationMs: z.int(),
    /** What a player adds to bring the replay to -16 LUFS; 0 for a master. */
    gainDb: z.number(),
    /** Where each take begins in it. */
    takes: z.array(z.object({ takeId: z.string(), fromMs: z.int() })),
  })
  .meta({ id: 'Replay' });
export type ReplayView = z.infer<typeof replaySchema>;

/** Everything captured of one live session on a host's order. */
export const recordingSchema = z
  .object({
    id: z.string(),
    roomSlug: z.string(),
    roomTitle: z.string(),
    liveSessionId: z.string(),
    name: z.string().nullable(),
    state: z.enum(['open', 'closed']),
    /** The last take ended with a pause: `resume` goes on. */
    paused: z.boolean(),
    createdAt: z.iso.datetime(),
    takes: z.array(takeSchema),
    /** The newest of all takes; null until the first take has stopped. */
    master: masterSchema.nullable(),
    /** Cuts and clips, newest first. */
    masters: z.array(masterSchema),
    replay: replaySchema,
    /** Space for this recording, while it is open: free bytes, and minutes at the present rate (null before there is one). */
    space: z.object({ freeBytes: z.int(), minutesLeft: z.int().nullable() }).nullable(),
    episodes: z.array(z.object({ slug: z.string(), title: z.string(), state: z.string() })),
  })
  .meta({ id: 'Recording' });
export type RecordingView = z.infer<typeof recordingSchema>;
