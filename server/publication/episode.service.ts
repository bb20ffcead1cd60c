/** Publishing: a recording's newest master, or a cut or clip of it, becomes an episode with an address, a cover and a place in the feeds. */
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { Clock } from '../platform/clock.ts';
import { randomUuid } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import type { RecordingReader } from '../recording/recording.reader.ts';
import { slugFromTitle, slugVariant } from '../room/slug.ts';
import type { z } from 'zod';
import type { Episode } from './episode.ts';
import type { publishEpisodeBodySchema, updateEpisodeBodySchema } from './episode.schema.ts';
import type { EpisodesStore, NewEpisode } from './episodes.store.ts';

export type EpisodeDeps = {
  config: Pick<Config, 'instanceLanguage'>;
  episodes: EpisodesStore;
  recordings: Pick<RecordingReader, 'ownRecording' | 'readyMaster'>;
  storeCover: (title: string) => Promise<string>;
  clock: Clock;
  log: FastifyBaseLogger;
};
export type PublishOrder = z.output<typeof publishEpisodeBodySchema>;
export type EpisodeUpdate = z.output<typeof updateEpisodeBodySchema>;

const SLUG_TRIES = 50;

export const episodeService = (deps: EpisodeDeps) => {
  const { episodes, recordings, log } = deps;

  const own = async (slug: string, hostId: string): Promise<Episode> => {
    const episode = await episodes.bySlug(slug);
    if (episode?.room.hostId !== hostId) throw new Problem('not-found');
    return episode;
  };

  /** Tries the wished slug, or free variants of one made from the title. */
  const createUnderFreeSlug = async (episode: Omit<NewEpisode, 'slug'>, wished?: string): Promise<Episode> => {
    const base = wished ?? slugFromTitle(episode.title);
    for (let attempt = 0; attempt < SLUG_TRIES; attempt++) {
      const slug = slugVariant(base, attempt);
      if (await episodes.create({ ...episode, slug })) return (await episodes.bySlug(slug))!;
      const twin = await episodes.byKey(episode.recordingId, episode.idempotencyKey);
      if (twin) return twin;
      if (wished) throw new Problem('slug-taken');
    }
    throw new Problem('slug-taken');
  };

  return {
    /** Publishes a finished master of a recording, the newest unless one is named. The same key again returns the same episode. */
    publish: async (
      recordingId: string,
      hostId: string,
      order: PublishOrder,
      idempotencyKey: string,
    ): Promise<Episode> => {
      await recordings.ownRecording(recordingId, hostId);
      const known = await episodes.byKey(recordingId, idempotencyKey);
      if (known) return known;
      const master = await recordings.readyMaster(recordingId, order.masterId);
      const { slug, title, description, explicit, language } = order;
      const facts = {
        id: randomUuid(),
        guid: randomUuid(),
        roomId: master.roomId,
        recordingId,
        masterId: master.masterId,
        title,
        description,
        explicit,
        language: language ?? deps.config.instanceLanguage,
        coverSha256: await deps.storeCover(title),
        speakers: master.speakers,
        idempotencyKey,
        publishedAt: deps.clock.now(),
      };
      const episode = await createUnderFreeSlug(facts, slug);
      log.info({ recordingId, episode: episode.slug, masterId: master.masterId }, 'episode published');
      return episode;
    },

    update: async (slug: string, hostId: string, change: EpisodeUpdate): Promise<Episode> => {
      const episode = await own(slug, hostId);
      const coverSha256 = change.title === undefined ? undefined : await deps.storeCover(change.title);
      await episodes.change(episode.id, { ...change, coverSha256 });
      return own(slug, hostId);
    },

    unpublish: async (slug: string, hostId: string): Promise<Episode> => {
      const episode = await own(slug, hostId);
      if (await episodes.unpublish(episode.id)) log.info({ episode: slug }, 'episode unpublished');
      return own(slug, hostId);
    },

    /** The episodes of a master play another one, or the same, and name only these speakers. */
    retell: async (oldMasterId: string, to: { masterId: string; speakers: string[] }): Promise<void> => {
      const slugs = await episodes.retell(oldMasterId, to);
      if (slugs.length > 0) log.info({ episodes: slugs, masterId: to.masterId }, 'episodes retold');
    },

    /** The episodes of a master whose sound is no more. */
    takeDown: async (masterId: string): Promise<void> => {
      for (const { id, slug } of await episodes.ofMaster(masterId)) {
        if (await episodes.unpublish(id)) log.info({ episode: slug }, 'episode unpublished');
      }
    },

    /** A published episode; `episode-gone` for one that was, `not-found` for one that never was. */
    read: async (slug: string): Promise<Episode> => {
      const episode = await episodes.bySlug(slug);
      if (!episode) throw new Problem('not-found');
      if (episode.state !== 'published') throw new Problem('episode-gone');
      return episode;
    },

    list: episodes.published,
  };
};

export type EpisodeService = ReturnType<typeof episodeService>;
