import { expect, it } from 'vitest';
import { episodeDocument, isoDuration } from './episode.page.ts';
import type { EpisodeView } from './episode.schema.ts';

const hostile = `</script><script>alert("1")</script> & 'more'`;
const episode: EpisodeView = {
  slug: 'e',
  guid: 'g',
  roomSlug: 'r',
  roomTitle: hostile,
  recordingId: 'rec',
  title: hostile,
  description: `${hostile}\n\nsecond paragraph`,
  language: 'it',
  explicit: false,
  state: 'published',
  speakers: [hostile],
  url: 'https://loggia.example/e/e',
  feedUrl: 'https://loggia.example/r/r/feed.xml',
  coverUrl: 'https://loggia.example/covers/a.jpg',
  peaksUrl: null,
  durationMs: 3_723_000,
  publishedAt: '2026-05-01T20:00:00.000Z',
  renditions: [{ type: 'audio/mpeg', url: 'https://loggia.example/audio/a.mp3', bytes: 1, durationMs: 1 }],
};

it('nothing that people typed becomes markup', () => {
  const { head = '', body = '' } = episodeDocument(episode, { instanceTitle: hostile });
  expect(body).not.toContain('<script');
  expect(head.match(/<script/g)).toEqual(['<script']);
  expect(head.match(/<\/script>/g)).toEqual(['</script>']);
});

it('the page plays without JavaScript', () => {
  const { body } = episodeDocument(episode, { instanceTitle: 'Loggia' });
  expect(body).toContain('<audio controls preload="none"><source src="https://loggia.example/audio/a.mp3"');
  expect(body?.match(/<p>/g)?.length).toBe(4);
});

it.each([
  [0, 'PT0S'],
  [61_000, 'PT1M1S'],
  [3_600_000, 'PT1H'],
  [3_723_000, 'PT1H2M3S'],
])('%i ms is %s', (ms, text) => expect(isoDuration(ms)).toBe(text));
