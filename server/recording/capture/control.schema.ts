/** What the API and a capture child say to each other: the start-up line on stdin, then JSON lines over the socket. */
import { z } from 'zod';
import { AllowedSpeakerSchema } from './journal.schema.ts';

/** Ids become file names. */
const id = z.string().regex(/^[\w-]{1,64}$/);

export const LimitsSchema = z.object({
  /** Longest life of the capture; the recorder token must last as long. */
  maxDurationMs: z.int().positive(),
  /** How long a lost connection to LiveKit is tried again before the take is closed. */
  rejoinMs: z.int().positive(),
  /** No start below this much free space, and a clean stop below the second. */
  startFreeBytes: z.int().nonnegative(),
  stopFreeBytes: z.int().nonnegative(),
  /** No start when the disk, as fast as it fills, has room for less than this. */
  startRemainingMs: z.int().nonnegative(),
  /** Above this the process ends itself and is to be started again: native memory grows. */
  maxRssBytes: z.int().positive(),
  /** Without a take and without a controller the process ends after this. */
  idleMs: z.int().positive(),
});
export type Limits = z.infer<typeof LimitsSchema>;

export const DEFAULT_LIMITS: Limits = {
  maxDurationMs: 12 * 3_600_000,
  rejoinMs: 120_000,
  startFreeBytes: 1024 ** 3,
  stopFreeBytes: 256 * 1024 ** 2,
  startRemainingMs: 10 * 60_000,
  maxRssBytes: 600 * 1024 ** 2,
  idleMs: 15 * 60_000,
};

export const StartUpSchema = z.object({
  recordingId: id,
  /** The recording's folder, absolute; it exists. */
  dir: z.string().startsWith('/'),
  socketPath: z.string().max(107),
  livekitUrl: z.string(),
  token: z.string(),
  /** Encodes the replay while recording; a capture without it only writes its tracks. */
  ffmpegBin: z.string().optional(),
  limits: LimitsSchema,
});
export type StartUp = z.infer<typeof StartUpSchema>;

export const TakeOrderSchema = z.object({
  takeId: id,
  ordinal: z.int().nonnegative(),
  allowed: z.array(AllowedSpeakerSchema),
});
export type TakeOrder = z.infer<typeof TakeOrderSchema>;

export const CaptureRequestSchema = z.discriminatedUnion('do', [
  z.object({ id: z.int(), do: z.literal('status') }),
  z.object({ id: z.int(), do: z.literal('startTake'), take: TakeOrderSchema }),
  z.object({ id: z.int(), do: z.literal('resumeTake'), take: TakeOrderSchema }),
  z.object({ id: z.int(), do: z.literal('setAllowed'), allowed: z.array(AllowedSpeakerSchema) }),
  z.object({ id: z.int(), do: z.literal('stopTake'), reason: z.enum(['stopped', 'paused']).default('stopped') }),
  z.object({ id: z.int(), do: z.literal('mark'), markId: id, label: z.string().max(120) }),
  z.object({ id: z.int(), do: z.literal('withdraw'), seatId: id, erase: z.boolean() }),
  z.object({ id: z.int(), do: z.literal('finish') }),
]);
export type CaptureRequest = z.infer<typeof CaptureRequestSchema>;
export type CaptureOrder = CaptureRequest extends infer Request
  ? Request extends { id: number }
    ? Omit<Request, 'id'>
    : never
  : never;

/** `startedAtMs`: epoch ms of the first captured sample. */
export const TakeStartedSchema = z.object({ takeId: z.string(), startedAtMs: z.number() });
export type TakeStarted = z.infer<typeof TakeStartedSchema>;

/** `samples`: length of the take; `stoppedAtMs`: epoch ms of its last captured sample. */
export const TakeStoppedSchema = z.object({
  takeId: z.string(),
  samples: z.int().nonnegative(),
  stoppedAtMs: z.number(),
  reason: z.string(),
});
export type TakeStopped = z.infer<typeof TakeStoppedSchema>;

/** `atMs`: position in the take. */
export const MarkSetSchema = z.object({ takeId: z.string(), atMs: z.number() });
export type MarkSet = z.infer<typeof MarkSetSchema>;

export const CaptureStatusSchema = z.object({
  state: z.enum(['warm', 'joining', 'capturing', 'away', 'stopping']),
  recordingId: z.string(),
  pid: z.int(),
  takeId: z.string().nullable(),
  startedAtMs: z.number().nullable(),
  positionMs: z.number(),
  tracks: z.int(),
  gaps: z.int(),
  /** Of the running take, summed. */
  gapMs: z.number(),
  lagBytes: z.int(),
  /** How fast the files grow, over the last minute; 0 before anything grew. */
  bytesPerSecond: z.number(),
  rssBytes: z.int(),
  freeBytes: z.int(),
  /** The take that ended last in this process, so that a controller that was away learns of it. */
  lastStopped: TakeStoppedSchema.nullable(),
});
export type CaptureStatus = z.infer<typeof CaptureStatusSchema>;

/** Codes of the catalogue of Problems, as far as a capture can fail. */
const failure = z.object({
  code: z.enum(['recording-unavailable', 'recording-running', 'recording-not-running', 'disk-full', 'invalid-request']),
  detail: z.string(),
});
export type CaptureFailure = z.infer<typeof failure>;

export const CaptureMessageSchema = z.union([
  z.object({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ id: z.int(), ok: z.literal(false), failure }),
  z.object({ event: z.literal('takeStarted'), started: TakeStartedSchema }),
  z.object({ event: z.literal('takeStopped'), stopped: TakeStoppedSchema }),
  z.object({ event: z.literal('heartbeat'), status: CaptureStatusSchema }),
  /** The capture ends by itself; its takes are to be resumed in a new process, or not, as the reason says. */
  z.object({ event: z.literal('lost'), reason: z.string() }),
]);
export type CaptureMessage = z.infer<typeof CaptureMessageSchema>;
export type CaptureEvent = Extract<CaptureMessage, { event: string }>;

/** `capture.json` in the recording's folder: where a running capture is found again. */
export const PointerSchema = z.object({
  pid: z.int(),
  startTime: z.string(),
  socketPath: z.string(),
  startedAtMs: z.number(),
});
export type Pointer = z.infer<typeof PointerSchema>;
export const POINTER_FILE = 'capture.json';
