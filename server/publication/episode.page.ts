/**
 * The page of an episode as the server writes it: a head for previews, feed readers and search engines, and a plain
 * body that plays without JavaScript and that the app replaces when it starts.
 */
import type { Config } from '../config.ts';
import { escapeHtml } from '../platform/html.ts';
import type { DocumentParts } from '../platform/static.ts';
import type { EpisodeView } from './episode.schema.ts';

/** Length as ISO 8601 has it: `PT1H2M3S`. */
export const isoDuration = (durationMs: number): string => {
  const seconds = Math.round(durationMs / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return `PT${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${rest || seconds === 0 ? `${rest}S` : ''}`;
};

/** JSON-LD is data, not script: `<` is escaped so that no text can close the element. */
const jsonLd = (episode: EpisodeView): string =>
  JSON.stringify({
    '@context': 'https://schema.org',
    '@type': 'PodcastEpisode',
    name: episode.title,
    description: episode.description,
    url: episode.url,
    image: episode.coverUrl,
    datePublished: episode.publishedAt,
    timeRequired: isoDuration(episode.durationMs),
    associatedMedia: episode.renditions.map(({ type, url }) => ({
      '@type': 'MediaObject',
      contentUrl: url,
      encodingFormat: type,
    })),
    partOfSeries: { '@type': 'PodcastSeries', name: episode.roomTitle, webFeed: episode.feedUrl },
  }).replaceAll('<', '\\u003c');

const meta = (property: string, content: string): string =>
  `<meta property="${property}" content="${escapeHtml(content)}" />`;

const headOf = (episode: EpisodeView, instanceTitle: string): string => {
  const [first] = episode.renditions;
  const summary = episode.description.slice(0, 300) || episode.title;
  return [
    `<title>${escapeHtml(episode.title)} · ${escapeHtml(instanceTitle)}</title>`,
    `<meta name="description" content="${escapeHtml(summary)}" />`,
    `<link rel="canonical" href="${escapeHtml(episode.url)}" />`,
    `<link rel="alternate" type="application/rss+xml" title="${escapeHtml(episode.roomTitle)}" href="${escapeHtml(episode.feedUrl)}" />`,
    meta('og:type', 'article'),
    meta('og:title', episode.title),
    meta('og:description', summary),
    meta('og:url', episode.url),
    meta('og:image', episode.coverUrl),
    meta('og:site_name', instanceTitle),
    ...(first ? [meta('og:audio', first.url), meta('og:audio:type', first.type)] : []),
    `<script type="application/ld+json">${jsonLd(episode)}</script>`,
  ].join('\n    ');
};

const bodyOf = (episode: EpisodeView): string => {
  const sources = episode.renditions.map(
    ({ url, type }) => `<source src="${escapeHtml(url)}" type="${escapeHtml(type)}" />`,
  );
  const paragraphs = episode.description
    .split(/\n{2,}/)
    .filter(Boolean)
    .map((text) => `<p>${escapeHtml(text)}</p>`);
  const speakers = episode.speakers.length > 0 ? [`<p>${episode.speakers.map(escapeHtml).join(', ')}</p>`] : [];
  const [download] = episode.renditions;
  return [
    '<main>',
    `<h1>${escapeHtml(episode.title)}</h1>`,
    ...speakers,
    `<audio controls preload="none">${sources.join('')}</audio>`,
    ...(download ? [`<p><a href="${escapeHtml(download.url)}">MP3</a></p>`] : []),
    ...paragraphs,
    '</main>',
  ].join('\n');
};

/** Head, body and language of an episode's document. */
export const episodeDocument = (
  episode: EpisodeView,
  { instanceTitle }: Pick<Config, 'instanceTitle'>,
): DocumentParts => ({
  head: headOf(episode, instanceTitle),
  body: bodyOf(episode),
  lang: episode.language,
});
