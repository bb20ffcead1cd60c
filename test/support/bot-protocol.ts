/** What a bot's process is told and what it tells, one JSON object per line on stdin and stdout. */
import { z } from 'zod';

export const BotCommandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('connect'), url: z.string(), token: z.string() }),
  z.object({ do: z.literal('publish'), dtx: z.boolean() }),
  z.object({ do: z.literal('unpublish') }),
  z.object({ do: z.literal('talk'), wav: z.string(), ffmpegBin: z.string(), atEpochMs: z.number() }),
  z.object({ do: z.literal('mute'), muted: z.boolean() }),
  z.object({ do: z.literal('report') }),
  z.object({ do: z.literal('leave') }),
]);
export type BotCommand = z.infer<typeof BotCommandSchema>;

/** What one participant sounded like: seconds of frames, and level and strongest frequency of the last second. */
export const HeardParticipantSchema = z.object({
  seconds: z.number(),
  levelDbfs: z.number().nullable(),
  dominantHz: z.number(),
});

/**
 * What a bot has heard. `seconds` is the real time for which at least one track delivered frames, silence included
 * (two speakers at once count once); `firstAudioMs` counts from the call to connect.
 */
export const HeardSchema = z.object({
  seconds: z.number(),
  firstAudioMs: z.number().nullable(),
  participants: z.record(z.string(), HeardParticipantSchema),
});
export type Heard = z.infer<typeof HeardSchema>;

/** What came of a talk: frames sent later than planned by more than one frame, and the epoch ms of the first one. */
export const SpokenSchema = z.object({ firstFrameAtMs: z.number(), frames: z.number(), lateFrames: z.number() });
export type Spoken = z.infer<typeof SpokenSchema>;

export const BotEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('connected'), ms: z.number(), identity: z.string(), recording: z.boolean() }),
  z.object({ event: z.literal('published'), trackSid: z.string() }),
  z.object({ event: z.literal('unpublished') }),
  z.object({ event: z.literal('spoken'), spoken: SpokenSchema }),
  z.object({ event: z.literal('muted'), muted: z.boolean() }),
  z.object({ event: z.literal('heard'), heard: HeardSchema }),
  z.object({ event: z.literal('firstAudio'), ms: z.number() }),
  z.object({ event: z.literal('recording'), on: z.boolean(), atEpochMs: z.number() }),
  z.object({ event: z.literal('disconnected'), reason: z.string() }),
  /** A command that failed; one that was already under way fails when the room lets go, and nobody may be waiting. */
  z.object({ event: z.literal('failed'), command: z.string(), message: z.string() }),
]);
export type BotEvent = z.infer<typeof BotEventSchema>;
