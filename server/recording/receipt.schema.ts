/** What a personal receipt tells and does. The secret travels in bodies only: no address, no log and no referrer holds it. */
import { z } from 'zod';

const secret = z.string().min(16).max(128);

export const receiptBodySchema = z.object({ secret });
export const withdrawBodySchema = z.object({
  secret,
  /** The voice's own files are deleted, too. */
  erase: z.boolean(),
  /** The words on the button that was pressed, and their language; kept with the two noes. */
  wording: z.string().min(1).max(500).optional(),
  language: z.string().min(2).max(16).optional(),
});

/** Everything that is known of one seat's voice, told to whoever sat there. */
export const receiptSchema = z
  .object({
    speaker: z.string(),
    roomTitle: z.string(),
    hostName: z.string(),
    /** What was answered, oldest first; the newest holds. */
    answers: z.array(
      z.object({
        recorded: z.boolean(),
        published: z.boolean(),
        wording: z.string(),
        language: z.string(),
        at: z.iso.datetime(),
      }),
    ),
    /** The takes that hold the voice. `published`: it is in what is made of this take. */
    takes: z.array(
      z.object({
        takeId: z.string(),
        ordinal: z.int(),
        startedAt: z.iso.datetime(),
        /** Of the own voice's files. */
        durationMs: z.int(),
        published: z.boolean(),
      }),
    ),
    /** Where the voice can be heard in public. */
    episodes: z.array(z.object({ title: z.string(), url: z.url() })),
    /** The last withdrawal; `done` once everything has been made again without the voice. */
    withdrawal: z.object({ erased: z.boolean(), askedAt: z.iso.datetime(), done: z.boolean() }).nullable(),
    /** When the voice's files are deleted by themselves; null while no date is known. */
    keptUntil: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Receipt' });
export type ReceiptView = z.infer<typeof receiptSchema>;

/** The own voice, file by file; each address is good for one minute. */
export const receiptTracksSchema = z.object({
  tracks: z.array(
    z.object({ takeId: z.string(), ordinal: z.int(), durationMs: z.int(), bytes: z.int(), url: z.url() }),
  ),
});
export type ReceiptTracksView = z.infer<typeof receiptTracksSchema>;
