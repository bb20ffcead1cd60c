import { z } from 'zod';

export const displayNameSchema = z.string().trim().min(1).max(48);

export const TICKET_ROLES = ['host', 'moderator', 'speaker', 'listener', 'anonymous'] as const;
export type TicketRole = (typeof TICKET_ROLES)[number];

/** Both answers of a speaker, with the wording they were given to (design: append-only, asked before the microphone opens). */
export const consentAnswerSchema = z
  .object({
    recorded: z.boolean(),
    published: z.boolean(),
    wording: z.string().min(1).max(500),
    language: z.string().min(2).max(16),
  })
  .meta({ id: 'ConsentAnswer' });
export type ConsentAnswer = z.infer<typeof consentAnswerSchema>;

export const issueTicketBodySchema = z.object({
  /** Needed when the room has anonymous listening off. */
  name: displayNameSchema.optional(),
});
export const redeemSpeakLinkBodySchema = z.object({
  secret: z.string().min(16).max(128),
  name: displayNameSchema,
  consent: consentAnswerSchema.optional(),
});

/** Short-lived proof of admission to one live session in one role. */
export const ticketSchema = z
  .object({
    role: z.enum(TICKET_ROLES),
    liveSessionId: z.string(),
    /** LiveKit identity: `<random>.<tag>` for the audience, `s_<seatId>` on the stage. */
    identity: z.string(),
    seatId: z.string().nullable(),
    displayName: z.string().nullable(),
    /** Base address for livekit-client; it appends `/rtc`. */
    mediaUrl: z.url(),
    mediaToken: z.string(),
    /** Address of the event socket. */
    socketUrl: z.url(),
    /** Single use, 30 s: sent as WebSocket subprotocol `ticket.<socketTicket>` beside `loggia.v1`. */
    socketTicket: z.string(),
    /** Kept in the tab's sessionStorage; sent as `Authorization: Visit <visitSecret>`. */
    visitSecret: z.string(),
    /** False on the stage of an armed room until both consent questions are answered. */
    mayPublish: z.boolean(),
    consentNeeded: z.boolean(),
    /** The personal receipt of whoever just agreed to be recorded. Shown once: only its hash is kept. */
    receiptUrl: z.url().nullable(),
  })
  .meta({ id: 'Ticket' });
export type Ticket = z.infer<typeof ticketSchema>;
