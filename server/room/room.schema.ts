import { z } from 'zod';

export const slugSchema = z
  .string()
  .min(2)
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case letters, digits and single hyphens');

export const roomPolicySchema = z
  .object({
    /** On: nobody is asked for a name. Off: the door asks listeners for one. */
    anonymousListening: z.boolean(),
    /** Armed: the room may be recorded; speakers are asked before their microphone opens. */
    recordingArmed: z.boolean(),
    listed: z.boolean(),
    publishNumber: z.boolean(),
  })
  .meta({ id: 'RoomPolicy' });
export type RoomPolicy = z.infer<typeof roomPolicySchema>;

export const createRoomBodySchema = z.object({
  title: z.string().trim().min(1).max(64),
  topic: z.string().trim().max(120).default(''),
  /** Left out: made from the title. */
  slug: slugSchema.optional(),
  policy: roomPolicySchema.partial().default({}),
});
export const updateRoomBodySchema = z.object({
  title: z.string().trim().min(1).max(64).optional(),
  topic: z.string().trim().max(120).optional(),
  policy: roomPolicySchema.partial().optional(),
});

/** Listeners only ever as a step of a ladder: `atLeast: 0` reads "fewer than 10". */
export const coarseNumberSchema = z.object({ atLeast: z.int().min(0) }).meta({ id: 'CoarseNumber' });
export type CoarseNumber = z.infer<typeof coarseNumberSchema>;

/** The public card of a room: what anybody may know, before entering. */
export const roomCardSchema = z
  .object({
    slug: z.string(),
    title: z.string(),
    topic: z.string(),
    hostName: z.string(),
    policy: roomPolicySchema,
    live: z
      .object({
        startedAt: z.iso.datetime(),
        /** null: the room publishes no number. */
        listeners: coarseNumberSchema.nullable(),
        speakers: z.array(z.string()),
        /** The red light, by the capture's heartbeat. */
        recording: z.boolean(),
      })
      .nullable(),
    lastEpisodeSlug: z.string().nullable(),
  })
  .meta({ id: 'RoomCard' });
export type RoomCard = z.infer<typeof roomCardSchema>;

/** A room as its host sees it. */
export const roomSchema = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    title: z.string(),
    topic: z.string(),
    policy: roomPolicySchema,
    url: z.url(),
    feedUrl: z.url(),
    createdAt: z.iso.datetime(),
    liveSession: z.object({ id: z.string(), startedAt: z.iso.datetime() }).nullable(),
  })
  .meta({ id: 'Room' });
export type RoomView = z.infer<typeof roomSchema>;

export const liveSessionSchema = z
  .object({
    id: z.string(),
    roomSlug: z.string(),
    state: z.enum(['scheduled', 'live', 'ended']),
    startedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    endReason: z.enum(['host', 'empty', 'maximum', 'failed']).nullable(),
  })
  .meta({ id: 'LiveSession' });
export type LiveSessionView = z.infer<typeof liveSessionSchema>;

export const createSpeakLinkBodySchema = z.object({
  /** For the host's own list: who the link is meant for. */
  label: z.string().trim().min(1).max(64),
});
export const speakLinkSchema = z
  .object({
    id: z.uuid(),
    label: z.string(),
    state: z.enum(['open', 'used', 'revoked', 'expired']),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    usedAt: z.iso.datetime().nullable(),
    /** Only in the answer that makes the link: the secret lies in the fragment and is stored as a hash. */
    url: z.url().optional(),
  })
  .meta({ id: 'SpeakLink' });
export type SpeakLinkView = z.infer<typeof speakLinkSchema>;
