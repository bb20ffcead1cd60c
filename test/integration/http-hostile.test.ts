/** What strangers may send, and what of it must never reach the log. */
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { openDatabase } from '../../server/platform/db.ts';
import { createHttp } from '../../server/platform/http.ts';
import { createLog } from '../../server/platform/log.ts';
import { documentResponses, problemResponses } from '../../server/platform/posture.ts';
import { sendMedia, streamsPerAddress } from '../../server/platform/send-media.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { EventClient } from '../support/event-client.ts';
import { eventClient } from '../support/event-client.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { Answer, TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { upgradeStatus } from '../support/signal.ts';
import { until } from '../support/wait.ts';

const lines: string[] = [];
const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });

let app: TestApp;
let host: TestHost;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia(), log } });
  host = await makeHost(app, 'Ada');
});
afterAll(() => app.stop());

it('a text that Postgres cannot hold is refused, wherever it stands', async () => {
  const { slug } = await makeRoom(app, host);
  const before = lines.length;
  const answers = await Promise.all([
    ask(app, 'GET', '/api/v1/rooms/%00'),
    ask(app, 'GET', '/r/a%00b/feed.xml'),
    ask(app, 'GET', '/audio/%00.mp3'),
    ask(app, 'POST', '/api/v1/rooms', { token: host.token, body: { title: 'A\0B' } }),
    ask(app, 'POST', `/api/v1/rooms/${slug}/tickets`, { body: { name: 'A\0B', else: [[['deep']]] } }),
  ]);
  expect(answers.map(({ body }) => body.code)).toEqual(Array(5).fill('invalid-request'));
  expect(lines.slice(before)).toEqual([]);
});

it('a body nested as deep as it may be long is refused like any other', async () => {
  const nested = '['.repeat(30_000) + ']'.repeat(30_000);
  const response = await app.app.inject({
    method: 'POST',
    url: '/api/v1/rooms',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${host.token}` },
    payload: nested,
  });
  expect(response.json()).toMatchObject({ code: 'invalid-request' });
});

it('a request that does not arrive whole within thirty seconds is given up', () => {
  const { requestTimeout, headersTimeout } = app.app.server;
  expect({ requestTimeout, headersTimeout }).toEqual({ requestTimeout: 30_000, headersTimeout: 30_000 });
});

it('a statement that fails is logged without the values that were in it', async () => {
  const before = lines.length;
  const identity = 'a listener that nobody may know';
  const wrong = { liveSessionId: 'x', identity, at: 'never' as unknown as Date };
  await app.database.prisma.removal.create({ data: wrong }).catch((err: unknown) => log.error({ err }, 'not written'));
  const logged = lines.slice(before).join('');
  expect(logged).toContain('not written');
  expect(logged).not.toContain(identity);
});

it('what a client breaks on its own socket leaves no line, what we break on it does', async () => {
  const { slug } = await makeRoom(app, host);
  const before = lines.length;
  const breaking = async (): Promise<void> => {
    const { body } = await ask(app, 'POST', `/api/v1/rooms/${slug}/tickets`, { body: {} });
    const socket = new WebSocket(body.socketUrl, ['loggia.v1', `ticket.${body.socketTicket}`]);
    const closed = once(socket, 'close');
    await once(socket, 'message');
    // Reserved bits and an opcode that does not exist.
    (Reflect.get(socket, '_socket') as Socket).write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await closed;
  };
  await Promise.all([breaking(), breaking(), breaking()]);
  expect(lines.slice(before)).toEqual([]);

  const server = await createHttp(app.config, log);
  server.get('/broken', { websocket: true, config: { action: 'connectEvents' } }, () => {
    throw new Error('our own mistake');
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  await once(new WebSocket(`ws://127.0.0.1:${port}/broken`), 'close');
  expect(lines.slice(before).join('')).toContain('our own mistake');
  await server.close();
});

it('one address runs four downloads at once; a fifth begins when one of them ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loggia-streams-'));
  const path = join(folder, 'hours.flac');
  await writeFile(path, '');
  await truncate(path, 64 * 1024 * 1024);
  const server = await createHttp(app.config, log);
  const hold = streamsPerAddress(4);
  const schema = { hide: true, response: documentResponses };
  server.get('/hours', { config: { action: 'readEpisode' }, schema }, (asked, reply) => {
    hold(asked, reply);
    return sendMedia(asked, reply, {
      path,
      mediaType: 'audio/flac',
      etag: 'x',
      cacheControl: 'no-cache',
      anyOrigin: true,
    });
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  // Whoever does not read the body keeps the answer open.
  const download = async (): Promise<IncomingMessage> => {
    const asking = request({ port, path: '/hours', agent: false }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    return answer.on('error', () => undefined);
  };
  const running = await Promise.all([download(), download(), download(), download()]);
  expect(running.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  const refused = await download();
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '5']);
  running.pop()?.destroy();
  const next = await until(async () => {
    const answer = await download();
    return answer.statusCode === 200 && answer;
  });
  for (const answer of [...running, next]) answer.destroy();
  await server.close();
  await rm(folder, { recursive: true });
});

it('one address holds as many event sockets open as the setting says; a closed one makes room', async () => {
  const small = await startTestApp({ deps: { media: fakeMedia(), log }, settings: { SOCKETS_PER_ADDRESS: '2' } });
  const { slug } = await makeRoom(small, await makeHost(small, 'Bea'));
  const url = `${small.baseUrl.replace('http', 'ws')}/api/v1/rooms/${slug}/events`;
  const listen = async (): Promise<EventClient> =>
    eventClient((await ask(small, 'POST', `/api/v1/rooms/${slug}/tickets`, { body: {} })).body);
  const [first] = await Promise.all([listen(), listen()]);
  expect(await upgradeStatus(url)).toBe(429);
  first.close();
  await until(async () => (await upgradeStatus(url)) === 101);
  await small.stop();
});

it('one visit asks for sixty things a minute and no more, and nobody else is slowed by it', async () => {
  const noon = new Date();
  const house = await startTestApp({ deps: { media: fakeMedia(), log, clock: { now: () => noon } } });
  const { slug } = await makeRoom(house, await makeHost(house, 'Cleo'));
  const url = `/api/v1/rooms/${slug}`;
  const enter = async (): Promise<string> =>
    (await ask(house, 'POST', `${url}/tickets`, { body: {} })).body.visitSecret;
  const [restless, calm] = await Promise.all([enter(), enter()]);
  const renew = (visit: string): Promise<Answer> => ask(house, 'POST', `${url}/tickets/renew`, { visit });
  const answers = await Promise.all(Array.from({ length: 60 }, () => renew(restless)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  for (const answer of [await renew(restless), await ask(house, 'POST', `${url}/hands`, { visit: restless })])
    expect([answer.body.code, answer.headers['retry-after']]).toEqual(['too-many-requests', '1']);
  expect((await renew(calm)).status).toBe(200);
  await house.stop();
});

it('while Postgres is away the answer is to come back later, and no line is written for each who asks', async () => {
  const away = openDatabase('postgres://nobody@127.0.0.1:1/nowhere');
  const server = await createHttp(app.config, log);
  const schema = { hide: true, response: { 200: z.string(), ...problemResponses } };
  server.get('/count', { config: { action: 'readInstance' }, schema }, async () =>
    String(await away.prisma.host.count()),
  );
  const before = lines.length;
  const response = await server.inject('/count');
  expect([response.statusCode, response.json().code, response.headers['retry-after']]).toEqual([
    503,
    'overloaded',
    '5',
  ]);
  expect(lines.slice(before)).toEqual([]);
  await server.close();
  await away.close();
});
