import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parseFeed } from 'podcast-partytime';
import { describe, expect, it } from 'vitest';
import type { FeedChannel, FeedEpisode } from './feed.ts';
import { writeFeed } from './feed.ts';

const channel: FeedChannel = {
  feedUrl: 'https://loggia.example/feed.xml',
  pageUrl: 'https://loggia.example/',
  title: 'Evenings & "arches" <here>',
  description: 'What was said under the arches.',
  language: 'it',
  author: 'Marta Bellini',
  category: 'Society & Culture',
  coverUrl: 'https://loggia.example/covers/ab.jpg',
  ownerMail: 'marta@loggia.example',
};

const sha = 'ab'.repeat(32);
const episode = (n: number, more: Partial<FeedEpisode> = {}): FeedEpisode => ({
  slug: `evening-${n}`,
  guid: `guid-${n}`,
  roomSlug: 'harbour',
  roomTitle: 'The harbour',
  recordingId: 'r',
  title: `Evening ${n} \u0007 <b>& more`,
  description: 'Ships, strikes & songs ]]> done',
  language: 'it',
  explicit: false,
  state: 'published',
  speakers: ['Ada', 'Bo & Co'],
  url: `https://loggia.example/e/evening-${n}`,
  feedUrl: channel.feedUrl,
  coverUrl: channel.coverUrl,
  peaksUrl: null,
  updatedAt: new Date(Date.UTC(2026, 5, n, 20)),
  durationMs: 61_500,
  publishedAt: new Date(Date.UTC(2026, 4, n, 20)).toISOString(),
  renditions: [
    { type: 'audio/mpeg', url: `https://loggia.example/audio/${n}.mp3`, bytes: 738_000, durationMs: 61_500 },
    {
      type: 'audio/ogg; codecs=opus',
      url: `https://loggia.example/audio/${n}.ogg`,
      bytes: 369_000,
      durationMs: 61_500,
    },
  ],
  hashes: { [`https://loggia.example/audio/${n}.mp3`]: sha, [`https://loggia.example/audio/${n}.ogg`]: sha },
  ...more,
});

describe('the feed', () => {
  const xml = writeFeed(channel, [episode(2), episode(1)]);

  it('is well-formed XML, whatever people type', () => {
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(xml).not.toContain('\u0007');
  });

  it('comes back from a podcast parser with every item whole', () => {
    const feed = parseFeed(xml);
    expect(feed?.items.map((item) => item.guid)).toEqual(['guid-2', 'guid-1']);
    expect(feed?.title).toContain('Evenings & "arches"');
    expect(feed?.locked).toBe(true);
    expect(feed?.guid).toMatch(/^[0-9a-f-]{36}$/);
    const [first] = feed!.items;
    expect(first?.enclosure).toEqual({
      url: 'https://loggia.example/audio/2.mp3',
      length: 738_000,
      type: 'audio/mpeg',
    });
    expect(first?.duration).toBe(62);
    expect(first?.podcastPeople?.map((person) => person.name)).toEqual(['Ada', 'Bo & Co']);
    expect(first?.alternativeEnclosures?.length).toBe(2);
  });

  it('has every element that PSP-1 requires of channel and item', () => {
    const parsed = new XMLParser({ ignoreAttributes: false }).parse(xml) as Record<string, never>;
    const { channel: out } = parsed['rss'] as unknown as { channel: Record<string, unknown> };
    const required = [
      'atom:link',
      'title',
      'description',
      'link',
      'language',
      'itunes:category',
      'itunes:explicit',
      'itunes:image',
    ];
    for (const tag of required) expect(Object.keys(out), tag).toContain(tag);
    const [item] = out['item'] as Record<string, unknown>[];
    for (const tag of ['title', 'enclosure', 'guid', 'pubDate', 'itunes:duration'])
      expect(Object.keys(item!), tag).toContain(tag);
  });

  it('was built last when the last of its episodes changed', () => {
    expect(xml).toContain('<lastBuildDate>Tue, 02 Jun 2026 20:00:00 GMT</lastBuildDate>');
  });

  it('without an episode is still a valid feed', () => {
    const empty = writeFeed(channel, []);
    expect(XMLValidator.validate(empty)).toBe(true);
    expect(empty).not.toContain('1970');
  });
});
