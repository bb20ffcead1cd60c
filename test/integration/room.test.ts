import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../server/platform/db.ts';
import { hashSecret, randomId } from '../../server/platform/ids.ts';
import { verifyAudienceIdentity } from '../../server/room/identity.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';
import { eventClient } from '../support/event-client.ts';
import type { FakeMedia } from '../support/fake-media.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { Answer, TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { startSignal } from '../support/signal.ts';
import { until } from '../support/wait.ts';

let app: TestApp;
let media: FakeMedia;
let ada: TestHost;
let bo: TestHost;

beforeAll(async () => {
  media = fakeMedia();
  app = await startTestApp({ deps: { media }, settings: { TICKET_BURST: '1000', LOG_LEVEL: 'fatal' } });
  ada = await makeHost(app, 'Ada');
  bo = await makeHost(app, 'Bo');
});
afterAll(() => app.stop());

const createRoom = (body: object, host = ada): Promise<Answer> =>
  ask(app, 'POST', '/api/v1/rooms', { token: host.token, body });
const start = (slug: string, key: string = randomId(), host = ada): Promise<Answer> =>
  ask(app, 'POST', `/api/v1/rooms/${slug}/live-session`, { token: host.token, headers: { 'idempotency-key': key } });
const end = (slug: string, host = ada): Promise<Answer> =>
  ask(app, 'POST', `/api/v1/rooms/${slug}/live-session/end`, { token: host.token });
const ticket = (slug: string, body: object = {}): Promise<Answer> =>
  ask(app, 'POST', `/api/v1/rooms/${slug}/tickets`, { body });

it('a room gets its address from its title, and ten rooms of one title at once get ten addresses', async () => {
  const rooms = await Promise.all(Array.from({ length: 10 }, () => createRoom({ title: 'Perché no?' })));
  expect(rooms.every(({ status }) => status === 201)).toBe(true);
  const slugs = rooms.map(({ body }) => body.slug);
  expect(new Set(slugs).size).toBe(10);
  expect(slugs).toContain('perche-no');
});

it('an address asked for by two hosts at once goes to one of them', async () => {
  const answers = await Promise.all([
    createRoom({ title: 'Mine', slug: 'the-corner' }),
    createRoom({ title: 'Mine', slug: 'the-corner' }, bo),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
});

it('policy and title can be changed by the host and by no other', async () => {
  const { slug } = await makeRoom(app, ada, { live: false });
  const url = `/api/v1/rooms/${slug}`;
  const changed = await ask(app, 'PATCH', url, { token: ada.token, body: { policy: { anonymousListening: false } } });
  expect(changed.body.policy).toMatchObject({ anonymousListening: false, listed: true });
  expect((await ask(app, 'PATCH', url, { token: bo.token, body: { title: 'Stolen' } })).status).toBe(403);
  expect((await ask(app, 'PATCH', url, { body: { title: 'Stolen' } })).status).toBe(401);
  expect((await ask(app, 'PATCH', '/api/v1/rooms/nowhere', { token: ada.token, body: {} })).status).toBe(404);
});

it('what is wrong with a body is said by pointers, all at once', async () => {
  const { status, body } = await createRoom({ title: '', topic: 'x'.repeat(200) });
  expect(status).toBe(400);
  expect(body.code).toBe('invalid-request');
  expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/title', '/topic']);
});

it('cards are public, live rooms come first, unlisted ones are known by their address only', async () => {
  const { slug: hidden } = await makeRoom(app, ada, { title: 'Back room', policy: { listed: false } });
  const { slug: early } = await makeRoom(app, ada, { title: 'Early and live' });
  const { slug: late } = await makeRoom(app, ada, { title: 'Late and silent', live: false });
  const { body } = await ask(app, 'GET', '/api/v1/rooms');
  const slugs: string[] = body.rooms.map(({ slug }: { slug: string }) => slug);
  expect(slugs).not.toContain(hidden);
  expect(slugs.indexOf(early)).toBeLessThan(slugs.indexOf(late));
  expect((await ask(app, 'GET', `/api/v1/rooms/${hidden}`)).body.live.listeners).toEqual({ atLeast: 0 });
});

it('a room that publishes no number publishes none', async () => {
  const { slug } = await makeRoom(app, ada, { policy: { publishNumber: false } });
  expect((await ask(app, 'GET', `/api/v1/rooms/${slug}`)).body.live.listeners).toBeNull();
});

it('a room started ten times at once is live once, and the same key is the same live session', async () => {
  const { slug } = await makeRoom(app, ada, { live: false });
  const key = randomId();
  const answers = await Promise.all(
    [...Array(5).fill(key), ...Array.from({ length: 5 }, randomId)].map((k) => start(slug, k)),
  );
  const started = answers.filter(({ status }) => status === 201);
  expect(new Set(started.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter(({ body }) => body.code === 'room-already-live').length).toBe(10 - started.length);
  expect(media.rooms.has(started[0]?.body.id)).toBe(true);
});

it('a start without a key is refused with its own problem', async () => {
  const { slug } = await makeRoom(app, ada, { live: false });
  const answer = await ask(app, 'POST', `/api/v1/rooms/${slug}/live-session`, { token: ada.token });
  expect(answer.body.code).toBe('idempotency-key-required');
});

it('a start that fails in the media plane leaves the room closed, and the same key may try again', async () => {
  const { slug } = await makeRoom(app, ada, { live: false });
  const key = randomId();
  media.failNext('openRoom');
  expect((await start(slug, key)).body.code).toBe('media-unavailable');
  expect((await ticket(slug)).body.code).toBe('room-not-live');
  const again = await start(slug, key);
  expect(again.body).toMatchObject({ state: 'live', roomSlug: slug });
});

it('ending ends everything inside, even when one part of the house fails, and ending twice is fine', async () => {
  const { slug, liveSessionId } = await makeRoom(app, ada);
  const { body } = await ticket(slug);
  media.failNext('closeRoom');
  const [first, second] = await Promise.all([end(slug), end(slug)]);
  for (const answer of [first, second, await end(slug)]) {
    expect(answer.body).toMatchObject({ id: liveSessionId, state: 'ended', endReason: 'host' });
  }
  expect((await ticket(slug)).body.code).toBe('room-not-live');
  const renew = await ask(app, 'POST', `/api/v1/rooms/${slug}/tickets/renew`, { visit: body.visitSecret });
  expect(renew.body.code).toBe('visit-over');
  expect((await start(slug)).status).toBe(201);
});

it('a media room left of a live session that is over is closed, and one of somebody else is not', async () => {
  const { body } = await createRoom({ title: 'Left behind' });
  const [left, foreign] = [randomId(), 'a room of somebody else'];
  const ended = { state: 'ended', endedAt: new Date(), endReason: 'host' };
  await app.database.prisma.liveSession.create({ data: { id: left, roomId: body.id, ...ended } });
  media.rooms.add(left).add(foreign);
  await until(() => !media.rooms.has(left));
  expect(media.rooms.has(foreign)).toBe(true);
});

it('only the host starts and ends', async () => {
  const { slug } = await makeRoom(app, ada);
  expect((await end(slug, bo)).status).toBe(403);
  expect((await start(slug, randomId(), bo)).status).toBe(403);
  const { body } = await ticket(slug);
  const asVisit = await ask(app, 'POST', `/api/v1/rooms/${slug}/live-session/end`, { visit: body.visitSecret });
  expect(asVisit.body.code).toBe('not-allowed');
});

it('an anonymous ticket names nobody, and its identity verifies in its own live session only', async () => {
  const { slug, liveSessionId } = await makeRoom(app, ada);
  const other = await makeRoom(app, ada);
  const { status, body, headers } = await ticket(slug, { name: 'My real name' });
  expect(status).toBe(201);
  expect(body).toMatchObject({ role: 'anonymous', displayName: null, seatId: null, mayPublish: false, liveSessionId });
  expect(JSON.stringify(body)).not.toContain('My real name');
  expect(Buffer.from(body.visitSecret.split('.').at(-2), 'base64url').toString()).not.toContain('real');
  const { admissionSecret } = app.config;
  expect(verifyAudienceIdentity(admissionSecret, liveSessionId, body.identity)).toBe('anonymous');
  expect(verifyAudienceIdentity(admissionSecret, other.liveSessionId, body.identity)).toBeUndefined();
  expect(headers['set-cookie']).toBeUndefined();
  expect(headers['cache-control']).toBe('no-store');
});

it('two tickets share nothing but the room', async () => {
  const { slug } = await makeRoom(app, ada);
  const [a, b] = (await Promise.all([ticket(slug), ticket(slug)])).map(({ body }) => body);
  for (const field of ['identity', 'mediaToken', 'socketTicket', 'visitSecret']) expect(a[field]).not.toBe(b[field]);
  const parts = [...a.identity.split('.'), ...b.identity.split('.')];
  expect(new Set(parts).size).toBe(4);
});

it('an anonymous join asks the database nothing: ticket, events, media and renewal', async () => {
  const own = await createTestDatabase();
  const database = openDatabase(own.url);
  const asked: PropertyKey[] = [];
  const prisma = new Proxy(database.prisma, {
    get: (client, name) => {
      asked.push(name);
      const value: unknown = Reflect.get(client, name);
      return typeof value === 'function' ? value.bind(client) : value;
    },
  });
  // With the real LiveKit behind the gateway.
  const watched = await startTestApp({
    deps: { database: { ...database, prisma } },
    settings: { DATABASE_URL: own.url },
  });
  const { slug } = await makeRoom(watched, await makeHost(watched, 'Ada'));
  asked.length = 0;
  const url = `/api/v1/rooms/${slug}/tickets`;
  const { status, body } = await ask(watched, 'POST', url, { body: {} });
  expect(status).toBe(201);
  const events = await eventClient(body);
  expect(events.view().roomSlug).toBe(slug);
  const signal = await startSignal({ mediaUrl: body.mediaUrl, token: body.mediaToken });
  expect((await signal.first('join')).participant?.identity).toBe(body.identity);
  expect((await ask(watched, 'POST', `${url}/renew`, { visit: body.visitSecret })).status).toBe(200);
  events.close();
  await signal.leave();
  expect(asked).toEqual([]);
  expect((await ask(watched, 'GET', `/api/v1/rooms/${slug}`)).status).toBe(200);
  expect(asked).toContain('room');
  await watched.stop();
  await database.close();
  await own.drop();
});

it('a room with anonymous listening off asks for a name and puts it into the visit alone', async () => {
  const { slug } = await makeRoom(app, ada, { policy: { anonymousListening: false } });
  expect((await ticket(slug)).body.code).toBe('name-required');
  const { body } = await ticket(slug, { name: 'Nora' });
  expect(body).toMatchObject({ role: 'listener', displayName: 'Nora' });
  expect(body.mediaToken).not.toContain('Nora');
});

it('a renewed ticket is the same listener with fresh keys', async () => {
  const { slug } = await makeRoom(app, ada);
  const { body: first } = await ticket(slug);
  const renewed = await ask(app, 'POST', `/api/v1/rooms/${slug}/tickets/renew`, { visit: first.visitSecret });
  expect(renewed.body).toMatchObject({ identity: first.identity, visitSecret: first.visitSecret, role: 'anonymous' });
  expect(renewed.body.socketTicket).not.toBe(first.socketTicket);
});

it('a new policy gates new tickets and throws nobody out', async () => {
  const { slug } = await makeRoom(app, ada);
  const { body } = await ticket(slug);
  await ask(app, 'PATCH', `/api/v1/rooms/${slug}`, {
    token: ada.token,
    body: { policy: { anonymousListening: false } },
  });
  expect((await ticket(slug)).body.code).toBe('name-required');
  expect((await ask(app, 'POST', `/api/v1/rooms/${slug}/tickets/renew`, { visit: body.visitSecret })).status).toBe(200);
});

it('a speak link shows its secret once, and the database only its hash', async () => {
  const { slug } = await makeRoom(app, ada);
  const url = `/api/v1/rooms/${slug}/speak-links`;
  const { status, body } = await ask(app, 'POST', url, { token: ada.token, body: { label: 'Bo' } });
  expect(status).toBe(201);
  const secret = new URL(body.url).hash.replace('#speak=', '');
  expect(body.url).toBe(`${app.config.publicUrl}/r/${slug}#speak=${secret}`);
  expect(secret.length).toBe(43);
  const row = await app.database.prisma.speakLink.findUnique({ where: { id: body.id } });
  expect(row?.secretHash).toBe(hashSecret(secret));
  const { body: list } = await ask(app, 'GET', url, { token: ada.token });
  expect(list.speakLinks).toEqual([{ ...body, url: undefined }].map(({ url: _, ...link }) => link));
  expect((await ask(app, 'GET', url, { token: bo.token })).status).toBe(403);
});

it('a revoked speak link opens nothing, and revoking it again is fine', async () => {
  const { slug } = await makeRoom(app, ada);
  const url = `/api/v1/rooms/${slug}/speak-links`;
  const { body } = await ask(app, 'POST', url, { token: ada.token, body: { label: 'Bo' } });
  const secret = new URL(body.url).hash.replace('#speak=', '');
  for (const status of [204, 204]) {
    expect((await ask(app, 'DELETE', `${url}/${body.id}`, { token: ada.token })).status).toBe(status);
  }
  const redeemed = await ask(app, 'POST', `${url}/redeem`, { body: { secret, name: 'Bo' } });
  expect(redeemed.body.code).toBe('link-spent');
  expect((await ask(app, 'DELETE', `${url}/${crypto.randomUUID()}`, { token: ada.token })).status).toBe(404);
});

it('a speak link used fifty times at once gives exactly one seat', async () => {
  const { slug, liveSessionId } = await makeRoom(app, ada);
  const url = `/api/v1/rooms/${slug}/speak-links`;
  const { body } = await ask(app, 'POST', url, { token: ada.token, body: { label: 'Bo' } });
  const secret = new URL(body.url).hash.replace('#speak=', '');
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => ask(app, 'POST', `${url}/redeem`, { body: { secret, name: `Bo ${i}` } })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ body: { code } }) => code === 'link-spent')).toHaveLength(49);
  expect(await app.database.prisma.seat.count({ where: { liveSessionId } })).toBe(1);
});

it('a server that comes back finds its live sessions again', async () => {
  const { slug, liveSessionId } = await makeRoom(app, ada);
  const { body } = await ticket(slug);
  const second = await startTestApp({
    deps: { media, database: app.database },
    settings: { ADMISSION_SECRET: app.config.admissionSecret, DATABASE_URL: app.config.databaseUrl },
  });
  const renewed = await ask(second, 'POST', `/api/v1/rooms/${slug}/tickets/renew`, { visit: body.visitSecret });
  expect(renewed.body).toMatchObject({ identity: body.identity, liveSessionId });
  await second.stop();
});
