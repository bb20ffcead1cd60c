/** The instance's feed and one per room, written from what is published now. */
import { z } from 'zod';
import type { Config } from '../config.ts';
import { Problem } from '../problems.ts';
import { coverUrl, feedEpisode, instanceFeedUrl, roomFeedUrl } from './episode.view.ts';
import type { EpisodesStore } from './episodes.store.ts';
import { writeFeed } from './feed.ts';

type Deps = { config: Config; episodes: EpisodesStore; storeCover: (title: string) => Promise<string> };

/** The operator's contact, when it is a mail address. */
const mailOf = (contact: string): string | undefined => {
  const address = contact.replace(/^mailto:/, '');
  return z.email().safeParse(address).data;
};

export const feedService = ({ config, episodes, storeCover }: Deps) => {
  const covers = new Map<string, Promise<string>>();
  /** A channel's cover is drawn once in the life of the process: there are as many as rooms. */
  const coverOf = (title: string): Promise<string> => {
    const cover = covers.get(title) ?? storeCover(title);
    covers.set(title, cover);
    cover.catch(() => covers.delete(title));
    return cover;
  };

  const write = async (
    channel: { feedUrl: string; pageUrl: string; title: string; description: string },
    roomSlug?: string,
  ) =>
    writeFeed(
      {
        ...channel,
        language: config.instanceLanguage,
        author: config.instanceAuthor,
        category: config.instanceCategory,
        coverUrl: coverUrl(config, await coverOf(channel.title)),
        ownerMail: mailOf(config.operatorContact),
      },
      (await episodes.published(roomSlug)).map((episode) => feedEpisode(episode, config)),
    );

  return {
    ofInstance: (): Promise<string> =>
      write({
        feedUrl: instanceFeedUrl(config),
        pageUrl: `${config.publicUrl}/`,
        title: config.instanceTitle,
        description: `Episodes of ${config.instanceTitle}`,
      }),
    /** Throws `not-found` for a room that does not exist. */
    ofRoom: async (slug: string): Promise<string> => {
      const room = await episodes.roomBySlug(slug);
      if (!room) throw new Problem('not-found');
      const { title, topic } = room;
      const pageUrl = `${config.publicUrl}/r/${slug}`;
      return write({ feedUrl: roomFeedUrl(config, slug), pageUrl, title, description: topic || title }, slug);
    },
  };
};

export type FeedService = ReturnType<typeof feedService>;
