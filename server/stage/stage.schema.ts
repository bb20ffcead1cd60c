import { z } from 'zod';
import { coarseNumberSchema } from '../room/room.schema.ts';
import { consentAnswerSchema, displayNameSchema, TICKET_ROLES } from '../room/ticket.schema.ts';

export const seatSchema = z
  .object({
    seatId: z.string(),
    /** LiveKit identity of the seat, to match active speakers and tracks. */
    identity: z.string(),
    name: z.string(),
    role: z.enum(['host', 'moderator', 'speaker']),
    /** waiting: seat given, media not connected yet; lost: connection gone, seat kept. */
    state: z.enum(['waiting', 'joined', 'lost']),
    muted: z.boolean(),
    mutedByModerator: z.boolean(),
    /** null: not answered (counts as no). */
    recorded: z.boolean().nullable(),
  })
  .meta({ id: 'Seat' });
export type SeatView = z.infer<typeof seatSchema>;

export const handSchema = z
  .object({
    handId: z.string(),
    /** The alias of an anonymous listener, or the name a named one gave at the door. */
    name: z.string(),
    anonymous: z.boolean(),
    state: z.enum(['raised', 'invited']),
    raisedAt: z.iso.datetime(),
  })
  .meta({ id: 'Hand' });
export type HandView = z.infer<typeof handSchema>;

/** The red light as the API knows it; in a live room the media plane's own signal comes first. */
export const recordingLightSchema = z
  .object({
    state: z.enum(['off', 'starting', 'on', 'closing']),
    recordingId: z.string().nullable(),
    takeOrdinal: z.int().nullable(),
    since: z.iso.datetime().nullable(),
    /** The last take ended with a pause. */
    paused: z.boolean(),
    /** Why recording ended by itself: a code of the catalogue of Problems; null while all is well. */
    trouble: z.string().nullable(),
  })
  .meta({ id: 'RecordingLight' });
export type RecordingLight = z.infer<typeof recordingLightSchema>;

/** Nothing is recorded and nothing went wrong. */
export const DARK_LIGHT: RecordingLight = {
  state: 'off',
  recordingId: null,
  takeOrdinal: null,
  since: null,
  paused: false,
  trouble: null,
};

export const acceptInviteBodySchema = z.object({
  /** Left out: heard under the alias. */
  name: displayNameSchema.optional(),
  consent: consentAnswerSchema.optional(),
});
export const answerConsentBodySchema = consentAnswerSchema;
/** `receiptUrl`: the personal receipt of a yes, told this once; null after a no. */
export const answeredSchema = z.object({ mayPublish: z.boolean(), receiptUrl: z.url().nullable() });

/** What one audience tier sees of a live room. `hands` and `booksBalance` are filled for moderators only. */
export const stageViewSchema = z
  .object({
    roomSlug: z.string(),
    title: z.string(),
    topic: z.string(),
    liveSessionId: z.string(),
    startedAt: z.iso.datetime(),
    recordingArmed: z.boolean(),
    seats: z.array(seatSchema),
    hands: z.array(handSchema),
    listeners: coarseNumberSchema.nullable(),
    booksBalance: z.boolean().nullable(),
    recording: recordingLightSchema,
  })
  .meta({ id: 'StageView' });
export type StageView = z.infer<typeof stageViewSchema>;

export const youSchema = z.object({
  role: z.enum(TICKET_ROLES),
  seatId: z.string().nullable(),
  hand: handSchema.nullable(),
  consentNeeded: z.boolean(),
  /** Your own two answers; null before you have answered. */
  answer: consentAnswerSchema.pick({ recorded: true, published: true }).nullable(),
});
export type You = z.infer<typeof youSchema>;

/** One change to a StageView. */
export const stageChangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('seat'), seat: seatSchema }),
  z.object({ kind: z.literal('seatGone'), seatId: z.string() }),
  z.object({ kind: z.literal('hand'), hand: handSchema }),
  z.object({ kind: z.literal('handGone'), handId: z.string() }),
  z.object({ kind: z.literal('listeners'), listeners: coarseNumberSchema.nullable() }),
  z.object({ kind: z.literal('books'), booksBalance: z.boolean() }),
  z.object({ kind: z.literal('recording'), recording: recordingLightSchema }),
  z.object({ kind: z.literal('policy'), title: z.string(), topic: z.string(), recordingArmed: z.boolean() }),
]);
export type StageChange = z.infer<typeof stageChangeSchema>;

/** What happens to you alone. */
export const noticeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hand'), hand: handSchema.nullable() }),
  z.object({ kind: z.literal('muted') }),
  z.object({ kind: z.literal('removed') }),
  z.object({ kind: z.literal('consentNeeded') }),
]);
export type StageNotice = z.infer<typeof noticeSchema>;

/**
 * Server → client. A snapshot opens the stream and repairs it; deltas carry consecutive `seq` numbers within an
 * `epoch` (a new one after each restart of the server). A client that sees a hole sends `resume`.
 */
export const serverFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), epoch: z.string(), seq: z.int(), view: stageViewSchema, you: youSchema }),
  z.object({ type: z.literal('delta'), epoch: z.string(), seq: z.int(), changes: z.array(stageChangeSchema) }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
  z.object({ type: z.literal('ended'), reason: z.enum(['host', 'empty', 'maximum', 'failed']) }),
  z.object({ type: z.literal('pong') }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** Client → server: nothing but keeping the stream whole; every act is an HTTP request. */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('resume'), epoch: z.string(), seq: z.int() }),
  z.object({ type: z.literal('ping') }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** WebSocket close codes of the event stream. */
export const CLOSE = {
  ended: 4000,
  removed: 4001,
  ticket: 4002,
  takenOver: 4003,
  tooSlow: 4004,
  restart: 1012,
} as const;
