/** Rows of episodes with what they are made of. */
import type { Prisma, PrismaClient } from '../platform/prisma/client.ts';
import { isUniqueViolation } from '../platform/unique.ts';
import type { Rendition } from '../recording/master.ts';
import { renditionsOf } from '../recording/masters.store.ts';
import type { Episode, EpisodeState } from './episode.ts';
import { statesFor } from './episode.ts';

const whole = {
  include: {
    room: { select: { id: true, slug: true, title: true, hostId: true } },
    master: { include: { renditions: true } },
  },
} as const;
type EpisodeRow = Prisma.EpisodeGetPayload<typeof whole>;

const episodeOf = (row: EpisodeRow): Episode => ({
  id: row.id,
  slug: row.slug,
  guid: row.guid,
  room: row.room,
  recordingId: row.recordingId,
  title: row.title,
  description: row.description,
  language: row.language,
  explicit: row.explicit,
  coverSha256: row.coverSha256,
  speakers: row.speakers,
  state: row.state as EpisodeState,
  publishedAt: row.publishedAt,
  updatedAt: row.updatedAt,
  master: {
    id: row.master.id,
    isWithdrawn: row.master.state === 'withdrawn',
    durationMs: row.master.durationMs ?? 0,
    peaksFile: row.master.peaksFile,
    renditions: renditionsOf(row.master.renditions),
  },
});

export type NewEpisode = {
  id: string;
  slug: string;
  guid: string;
  roomId: string;
  recordingId: string;
  masterId: string;
  title: string;
  description: string;
  language: string;
  explicit: boolean;
  coverSha256: string;
  speakers: string[];
  idempotencyKey: string;
  publishedAt: Date;
};
export type EpisodeChange = Partial<
  Pick<NewEpisode, 'title' | 'description' | 'language' | 'explicit' | 'coverSha256'>
>;

const published = { state: 'published' } as const;
const newestFirst = { publishedAt: 'desc' } as const;
/** `published` sorts before `unpublished`: of several episodes of one master the public one counts. */
const publishedFirst = { orderBy: { state: 'asc' } } as const;
/** More than any podcast app reads of one feed. */
const FEED_LIMIT = 300;

export const episodesStore = (prisma: PrismaClient) => ({
  bySlug: async (slug: string): Promise<Episode | undefined> => {
    const row = await prisma.episode.findUnique({ where: { slug }, ...whole });
    return row ? episodeOf(row) : undefined;
  },

  byKey: async (recordingId: string, idempotencyKey: string): Promise<Episode | undefined> => {
    const row = await prisma.episode.findFirst({ where: { recordingId, idempotencyKey }, ...whole });
    return row ? episodeOf(row) : undefined;
  },

  /** Published episodes, newest first; of one room when `roomSlug` is given. */
  published: async (roomSlug?: string): Promise<Episode[]> => {
    const where = { ...published, ...(roomSlug === undefined ? {} : { room: { slug: roomSlug } }) };
    return (await prisma.episode.findMany({ where, orderBy: newestFirst, take: FEED_LIMIT, ...whole })).map(episodeOf);
  },

  /** False when the slug or the idempotency key is taken. */
  create: async (episode: NewEpisode): Promise<boolean> => {
    try {
      await prisma.episode.create({ data: { ...episode, ...published } });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  },

  change: async (id: string, change: EpisodeChange): Promise<void> => {
    await prisma.episode.update({ where: { id }, data: change });
  },

  unpublish: async (id: string): Promise<boolean> => {
    const where = { id, state: { in: statesFor('unpublish') } };
    return (await prisma.episode.updateMany({ where, data: { state: 'unpublished' } })).count === 1;
  },

  /** Moves the episodes of a master to another one, or the same; the slugs of those that are moved. */
  retell: async (oldMasterId: string, data: { masterId: string; speakers: string[] }): Promise<string[]> => {
    const where = { masterId: oldMasterId };
    return (await prisma.episode.updateManyAndReturn({ where, data, select: { slug: true } })).map(({ slug }) => slug);
  },

  ofMaster: async (masterId: string): Promise<{ id: string; slug: string }[]> =>
    prisma.episode.findMany({ where: { masterId }, select: { id: true, slug: true } }),

  /** The newest episode that a rendition was published in, with the file; whether it still is, its state says. */
  byRendition: async (renditionId: string): Promise<{ episode: Episode; rendition: Rendition } | undefined> => {
    const where = { master: { renditions: { some: { id: renditionId } } } };
    const row = await prisma.episode.findFirst({ where, ...publishedFirst, ...whole });
    const episode = row ? episodeOf(row) : undefined;
    const rendition = episode?.master.renditions.find(({ id }) => id === renditionId);
    return episode && rendition ? { episode, rendition } : undefined;
  },

  byMaster: async (masterId: string): Promise<Episode | undefined> => {
    const row = await prisma.episode.findFirst({ where: { masterId }, ...publishedFirst, ...whole });
    return row ? episodeOf(row) : undefined;
  },

  roomBySlug: async (slug: string) =>
    prisma.room.findUnique({ where: { slug }, select: { id: true, slug: true, title: true, topic: true } }),
});

export type EpisodesStore = ReturnType<typeof episodesStore>;
