import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { parseFeed } from 'podcast-partytime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import type { EpisodeView } from '../../server/publication/episode.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';

let app: TestApp;
let ada: TestHost;
let bo: TestHost;
let room: { slug: string; liveSessionId: string };

beforeAll(async () => {
  const settings = { OPERATOR_CONTACT: 'marta@loggia.example', OPERATOR_NAME: 'Marta' };
  app = await startTestApp({ deps: { media: fakeMedia() }, settings });
  ada = await makeHost(app, 'Ada');
  bo = await makeHost(app, 'Bo');
  room = await makeRoom(app, ada, { title: 'The harbour' });
});
afterAll(() => app.stop());

const publish = (recordingId: string, body: object, host = ada, key: string = randomId()) =>
  ask(app, 'POST', `/api/v1/recordings/${recordingId}/episodes`, {
    token: host.token,
    headers: { 'idempotency-key': key },
    body,
  });

const published = async (title: string, description = 'What was said'): Promise<EpisodeView> => {
  const { status, body } = await publish(await finishedRecording(app, room.liveSessionId), { title, description });
  expect(status).toBe(201);
  return body as EpisodeView;
};

const feedOf = async (address: string): Promise<string> => (await fetch(address)).text();
const addressesIn = (xml: string): string[] => [
  ...new Set([...xml.matchAll(/(?:url|href|uri)="(http[^"]+)"/g)].map(([, address]) => address!)),
];

describe('publishing', () => {
  it('the same key twice publishes once, and twenty at once do too', async () => {
    const recordingId = await finishedRecording(app, room.liveSessionId);
    const key = randomId();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => publish(recordingId, { title: 'Once' }, ada, key)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.slug)).size).toBe(1);
  });

  it('a recording of somebody else is not there', async () => {
    const recordingId = await finishedRecording(app, room.liveSessionId);
    const answer = await publish(recordingId, { title: 'Stolen' }, bo);
    expect([answer.status, answer.body.code]).toEqual([404, 'not-found']);
  });

  it('titles that are alike get addresses of their own, and a wished address is kept or refused', async () => {
    const [one, two] = [await published('Alike'), await published('Alike')];
    expect(one.slug).not.toBe(two.slug);
    const refused = await publish(await finishedRecording(app, room.liveSessionId), { title: 'x', slug: one.slug });
    expect([refused.status, refused.body.code]).toEqual([409, 'slug-taken']);
  });

  it('a recording whose master is not ready cannot be published', async () => {
    const recordingId = await finishedRecording(app, room.liveSessionId);
    await app.database.prisma.master.updateMany({ where: { recordingId }, data: { state: 'rendering' } });
    expect((await publish(recordingId, { title: 'Early' })).body.code).toBe('master-not-ready');
  });

  it('a language is a language tag and nothing that could become markup', async () => {
    const recordingId = await finishedRecording(app, room.liveSessionId);
    const refused = await publish(recordingId, { title: 'Spoken', language: 'x"><img src=a>' });
    expect([refused.status, refused.body.code]).toEqual([400, 'invalid-request']);
    expect((await publish(recordingId, { title: 'Spoken', language: 'it-IT' })).body.language).toBe('it-IT');
  });

  it('new words change page and feed, never the address or the guid', async () => {
    const episode = await published('Before');
    const change = { title: 'After', description: 'Other words' };
    const { body } = await ask(app, 'PATCH', `/api/v1/episodes/${episode.slug}`, { token: ada.token, body: change });
    expect(body).toMatchObject({ ...change, slug: episode.slug, guid: episode.guid, url: episode.url });
    expect(await feedOf(episode.feedUrl)).toContain('After');
  });
});

describe('the feed', () => {
  it('is well-formed, comes back whole from a podcast parser, and every address in it answers HEAD and Range', async () => {
    const { feedUrl } = await published('Ships & <songs>');
    const xml = await feedOf(feedUrl);
    expect(XMLValidator.validate(xml)).toBe(true);
    const { rss } = new XMLParser().parse(xml) as { rss: { channel: { item: unknown[] } } };
    const feed = parseFeed(xml)!;
    expect(feed.items.length).toBe([rss.channel.item].flat().length);
    expect(feed.items.every((item) => item.enclosure && item.guid)).toBe(true);
    const addresses = addressesIn(xml);
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) {
      const [head, get] = [await fetch(address, { method: 'HEAD' }), await fetch(address)];
      expect([head.status, get.status], address).toEqual([200, 200]);
      const size = (await get.arrayBuffer()).byteLength;
      for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
        expect(head.headers.get(name), `${name} of ${address}`).toBe(get.headers.get(name));
      }
      expect(Number(head.headers.get('content-length')), address).toBe(size);
    }
  });

  it('states the length of every file to the byte, and media answer ranges, conditions and impossible ranges', async () => {
    const { renditions } = await published('Seekable');
    for (const { url, bytes, type } of renditions) {
      const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(whole.length).toBe(bytes);
      const part = await fetch(url, { headers: { range: 'bytes=100-199' } });
      expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${bytes}`]);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(100, 200));
      expect(part.headers.get('content-type')).toBe(type);
      expect(part.headers.get('access-control-allow-origin')).toBe('*');
      const etag = part.headers.get('etag')!;
      expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
      expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
      expect((await fetch(url, { headers: { range: 'bytes=0-9', 'if-range': '"other"' } })).status).toBe(200);
      const beyond = await fetch(url, { headers: { range: `bytes=${bytes}-` } });
      expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes}`]);
    }
  });

  it('that was not changed is not sent again, also when a proxy has weakened its ETag', async () => {
    const { feedUrl, peaksUrl } = await published('Unchanged');
    for (const address of [feedUrl, peaksUrl!]) {
      const etag = (await fetch(address)).headers.get('etag')!;
      const again = await fetch(address, { headers: { 'if-none-match': `"other", W/${etag}` } });
      expect(again.status, address).toBe(304);
    }
  });

  it.each(['------------------------------------', 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaa-', '..'])(
    'peaks of %s are not found',
    async (name) => {
      expect((await fetch(`${app.baseUrl}/peaks/${encodeURIComponent(name)}.json`)).status).toBe(404);
    },
  );

  it('of the instance holds all rooms, of a room its own, and of no room nothing', async () => {
    const other = await makeRoom(app, ada, { title: 'The attic' });
    await publish(await finishedRecording(app, other.liveSessionId), { title: 'From the attic' });
    expect(await feedOf(`${app.baseUrl}/feed.xml`)).toContain('From the attic');
    expect(await feedOf(`${app.baseUrl}/r/${room.slug}/feed.xml`)).not.toContain('From the attic');
    expect((await fetch(`${app.baseUrl}/r/no-such-room/feed.xml`)).status).toBe(404);
  });

  it('shows a square JPEG of at least 1400 pixels as cover', async () => {
    const { coverUrl } = await published('Covered');
    const bytes = Buffer.from(await (await fetch(coverUrl)).arrayBuffer());
    const { default: sharp } = await import('sharp');
    const { format, width, height } = await sharp(bytes).metadata();
    expect([format, width]).toEqual(['jpeg', height]);
    expect(width).toBeGreaterThanOrEqual(1400);
  });
});

describe('an episode taken down', () => {
  it('leaves the feed, and its page, its media and the API say that it is gone', async () => {
    const episode = await published('Regretted');
    await ask(app, 'POST', `/api/v1/episodes/${episode.slug}/unpublish`, { token: ada.token });
    expect(await feedOf(episode.feedUrl)).not.toContain(episode.guid);
    expect((await fetch(`${app.baseUrl}/api/v1/episodes/${episode.slug}`)).status).toBe(410);
    for (const { url } of episode.renditions) expect((await fetch(url)).status).toBe(410);
    expect((await fetch(episode.peaksUrl!)).status).toBe(410);
  });

  it('is not taken down by another host', async () => {
    const episode = await published('Kept');
    const { status } = await ask(app, 'POST', `/api/v1/episodes/${episode.slug}/unpublish`, { token: bo.token });
    expect(status).toBe(404);
    expect((await fetch(episode.renditions[0]!.url)).status).toBe(200);
  });
});

it('renditions of a recording that nobody published are served to nobody', async () => {
  const recordingId = await finishedRecording(app, room.liveSessionId);
  const renditions = await app.database.prisma.rendition.findMany({ where: { master: { recordingId } } });
  for (const { id } of renditions) expect((await fetch(`${app.baseUrl}/audio/${id}.mp3`)).status).toBe(404);
  const own = await ask(app, 'GET', `/api/v1/recordings/${recordingId}/audio/mp3`, { token: ada.token });
  expect([own.status, own.headers['cache-control']]).toEqual([200, 'private, no-cache']);
  const head = await ask(app, 'HEAD', `/api/v1/recordings/${recordingId}/audio/mp3`, { token: ada.token });
  expect([head.status, head.headers['content-length']]).toEqual([200, own.headers['content-length']]);
  const foreign = await ask(app, 'GET', `/api/v1/recordings/${recordingId}/audio/mp3`, { token: bo.token });
  expect(foreign.status).toBe(404);
});
