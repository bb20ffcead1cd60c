/** How episodes look over the API, in feeds and on their pages: one mapping for all three. Pure. */
import type { Config } from '../config.ts';
import { audioName } from './episode.ts';
import type { Episode } from './episode.ts';
import type { EpisodeView } from './episode.schema.ts';
import type { FeedEpisode } from './feed.ts';

type Publisher = Pick<Config, 'publicUrl'>;

export const coverUrl = ({ publicUrl }: Publisher, sha256: string): string => `${publicUrl}/covers/${sha256}.jpg`;
export const roomFeedUrl = ({ publicUrl }: Publisher, roomSlug: string): string =>
  `${publicUrl}/r/${roomSlug}/feed.xml`;
export const instanceFeedUrl = ({ publicUrl }: Publisher): string => `${publicUrl}/feed.xml`;

const audioUrl = ({ publicUrl }: Publisher, rendition: Episode['master']['renditions'][number]): string =>
  `${publicUrl}/audio/${audioName(rendition)}`;

export const episodeView = (episode: Episode, publisher: Publisher): EpisodeView => ({
  slug: episode.slug,
  guid: episode.guid,
  roomSlug: episode.room.slug,
  roomTitle: episode.room.title,
  recordingId: episode.recordingId,
  title: episode.title,
  description: episode.description,
  language: episode.language,
  explicit: episode.explicit,
  state: episode.state,
  speakers: episode.speakers,
  url: `${publisher.publicUrl}/e/${episode.slug}`,
  feedUrl: roomFeedUrl(publisher, episode.room.slug),
  coverUrl: coverUrl(publisher, episode.coverSha256),
  peaksUrl: episode.master.peaksFile === null ? null : `${publisher.publicUrl}/peaks/${episode.master.id}.json`,
  durationMs: episode.master.durationMs,
  publishedAt: episode.publishedAt?.toISOString() ?? null,
  renditions: episode.master.renditions.map((rendition) => ({
    type: rendition.mediaType,
    url: audioUrl(publisher, rendition),
    bytes: rendition.bytes,
    durationMs: rendition.durationMs,
  })),
});

/** An episode with what only feeds state: the hashes of `podcast:integrity`, and when it last changed. */
export const feedEpisode = (episode: Episode, publisher: Publisher): FeedEpisode => ({
  ...episodeView(episode, publisher),
  updatedAt: episode.updatedAt,
  hashes: Object.fromEntries(
    episode.master.renditions.map((rendition) => [audioUrl(publisher, rendition), rendition.sha256]),
  ),
});
