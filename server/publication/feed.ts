/**
 * Podcast feeds: RSS 2.0 with the iTunes and Podcasting 2.0 namespaces, one for the instance and one per room. The
 * library writes and escapes the XML; what is said in which tag is decided here, after PSP-1 and the namespace's docs.
 */
import { generateRssFeed } from 'feedsmith';
import type { EpisodeView } from './episode.schema.ts';
import { podcastGuid } from './podcast-guid.ts';

export type FeedChannel = {
  /** Address of the feed itself. */
  feedUrl: string;
  /** Page the feed belongs to. */
  pageUrl: string;
  title: string;
  description: string;
  language: string;
  author: string;
  category: string;
  coverUrl: string;
  /** Mail address that may move the feed elsewhere, if the operator gave one. */
  ownerMail: string | undefined;
};

/** Characters that XML 1.0 cannot carry, not even escaped (§2.2). */
// oxlint-disable-next-line no-control-regex -- exactly these are meant
const UNSPEAKABLE =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const clean = (text: string): string => text.replace(UNSPEAKABLE, '');

/** SRI form of a SHA-256, as `podcast:integrity` wants it. */
const integrity = (sha256: string) => ({
  type: 'sri',
  value: `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`,
});

const bitrateOf = (bytes: number, durationMs: number): number => Math.round((bytes * 8000) / Math.max(1, durationMs));

export type FeedEpisode = EpisodeView & { hashes: Record<string, string>; updatedAt: Date };

const latest = (dates: Date[]): Date | undefined => dates.toSorted((a, b) => a.getTime() - b.getTime()).at(-1);

const itemOf = (episode: FeedEpisode, author: string) => {
  const [enclosure] = episode.renditions;
  return {
    title: clean(episode.title),
    link: episode.url,
    description: clean(episode.description || episode.title),
    guid: { value: episode.guid, isPermaLink: false },
    pubDate: new Date(episode.publishedAt ?? 0),
    enclosures: enclosure ? [{ url: enclosure.url, length: enclosure.bytes, type: enclosure.type }] : [],
    itunes: {
      title: clean(episode.title),
      author: clean(author),
      duration: Math.round(episode.durationMs / 1000),
      explicit: episode.explicit,
      image: episode.coverUrl,
      episodeType: 'full',
    },
    podcast: {
      persons: episode.speakers.map((speaker) => ({ display: clean(speaker), role: 'guest' })),
      alternateEnclosures: episode.renditions.map((rendition, index) => ({
        type: rendition.type,
        length: rendition.bytes,
        bitrate: bitrateOf(rendition.bytes, rendition.durationMs),
        default: index === 0,
        sources: [{ uri: rendition.url }],
        integrity: integrity(episode.hashes[rendition.url] ?? ''),
      })),
    },
  };
};

/** The feed as XML text. `episodes` newest first; each has at least its MP3. */
export const writeFeed = (channel: FeedChannel, episodes: FeedEpisode[]): string =>
  generateRssFeed({
    title: clean(channel.title),
    description: clean(channel.description),
    link: channel.pageUrl,
    language: channel.language,
    lastBuildDate: latest(episodes.map(({ updatedAt }) => updatedAt)),
    generator: 'Loggia',
    image: { url: channel.coverUrl, title: clean(channel.title), link: channel.pageUrl },
    items: episodes.map((episode) => itemOf(episode, channel.author)),
    atom: { links: [{ href: channel.feedUrl, rel: 'self', type: 'application/rss+xml' }] },
    itunes: {
      author: clean(channel.author),
      image: channel.coverUrl,
      categories: [{ text: channel.category }],
      explicit: episodes.some((episode) => episode.explicit),
      type: 'episodic',
    },
    podcast: {
      guid: podcastGuid(channel.feedUrl),
      locked: { value: true, owner: channel.ownerMail },
      medium: 'podcast',
    },
  });
