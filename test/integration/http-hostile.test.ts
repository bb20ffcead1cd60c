/** What strangers may send, and what of it must never reach the log. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createHttp } from '../../server/platform/http.ts';
import { createLog } from '../../server/platform/log.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';

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
