import { z } from 'zod';
import { slugSchema } from '../room/room.schema.ts';

export const publishEpisodeBodySchema = z.object({
  title: z.string().trim().min(1).max(120),
  description: z.string().trim().max(4000).default(''),
  slug: slugSchema.optional(),
  language: z.string().min(2).max(16).optional(),
  explicit: z.boolean().default(false),
});
export const updateEpisodeBodySchema = publishEpisodeBodySchema.omit({ slug: true }).partial();

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
    state: z.enum(['draft', 'published', 'unpublished', 'deleted']),
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
