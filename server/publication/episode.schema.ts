import { z } from 'zod';
import { slugSchema } from '../room/room.schema.ts';

/** A language tag such as `en` or `it-IT` (BCP 47, as far as people use it). */
const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as en or it-IT')
  .max(16);

export const publishEpisodeBodySchema = z.object({
  /** A finished master of the recording: the newest of all takes unless said otherwise. */
  masterId: z.uuid().optional(),
  title: z.string().trim().min(1).max(120),
  description: z.string().trim().max(4000).default(''),
  slug: slugSchema.optional(),
  language: languageSchema.optional(),
  explicit: z.boolean().default(false),
});
export const updateEpisodeBodySchema = publishEpisodeBodySchema.omit({ slug: true, masterId: true }).partial();

export const episodeRenditionSchema = z.object({
  type: z.string(),
  url: z.url(),
  bytes: z.int(),
  durationMs: z.int(),
});

export const episodeSchema = z
  .object({
    slug: z.string(),
    guid: z.string(),
    roomSlug: z.string(),
    roomTitle: z.string(),
    recordingId: z.string(),
    title: z.string(),
    description: z.string(),
    language: z.string(),
    explicit: z.boolean(),
    state: z.enum(['published', 'unpublished']),
    speakers: z.array(z.string()),
    url: z.url(),
    feedUrl: z.url(),
    coverUrl: z.url(),
    peaksUrl: z.url().nullable(),
    durationMs: z.int(),
    publishedAt: z.iso.datetime().nullable(),
    /** MP3 first: the enclosure. */
    renditions: z.array(episodeRenditionSchema),
  })
  .meta({ id: 'Episode' });
export type EpisodeView = z.infer<typeof episodeSchema>;
