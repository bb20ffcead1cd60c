import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { ACTIONS } from '../../server/people/actions.schema.ts';
import { createHttp } from '../../server/platform/http.ts';
import { createLog } from '../../server/platform/log.ts';
import { problemResponses } from '../../server/platform/posture.ts';
import { webApp } from '../../server/platform/static.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { Parsed } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';

const lines: string[] = [];
const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
const document =
  '<!doctype html><html lang="en"><head><!--loggia:head--><title>Loggia</title><!--/loggia:head--></head>' +
  '<body><div id="app"><!--loggia:body--></div></body></html>';

let app: TestApp;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), document);
  await writeFile(join(folder, 'assets/app-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'favicon.svg'), '<svg/>');
  app = await startTestApp({ deps: { media: fakeMedia(), web: webApp(folder), log } });
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const bareServer = () => createHttp(app.config, createLog({ level: 'fatal' }));
const described = { operationId: 'x', tags: ['public'], summary: 'x' };

it('an unlisted route stops the boot, and so does one that could answer without a schema', async () => {
  const server = await bareServer();
  const response = { 200: z.object({}), ...problemResponses };
  expect(() => server.get('/a', { schema: { ...described, response } }, () => ({}))).toThrow(/names no action/);
  const config = { action: 'readHealth' } as const;
  expect(() =>
    server.get('/b', { config, schema: { ...described, response: { 200: z.object({}) } } }, () => ({})),
  ).toThrow(/no response schema for 4xx, 5xx/);
  expect(() => server.get('/c', { config, schema: { response } }, () => ({}))).toThrow(/operationId/);
  await server.close();
});

it('every route of the house is a row of the roles × actions table', () => {
  expect(app.app.listedRoutes.length).toBeGreaterThan(40);
  for (const { action } of app.app.listedRoutes) expect(Object.keys(ACTIONS)).toContain(action);
});

it('unknown keys never leave', async () => {
  const server = await bareServer();
  const schema = { ...described, response: { 200: z.object({ known: z.string() }), ...problemResponses } };
  server.get(
    '/x',
    { config: { action: 'readHealth' }, schema },
    () => ({ known: 'yes', secret: 'no' }) as { known: string },
  );
  expect((await server.inject('/x')).json()).toEqual({ known: 'yes' });
  await server.close();
});

it('what we did not foresee says nothing of itself but a request id that is in the log', async () => {
  const seen: string[] = [];
  const server = await createHttp(
    app.config,
    createLog({ level: 'info', destination: { write: (line) => void seen.push(line) } }),
  );
  const schema = { ...described, response: { 200: z.object({}), ...problemResponses } };
  server.get('/x', { config: { action: 'readHealth' }, schema }, () => {
    throw new Error('the password is swordfish');
  });
  const response = await server.inject('/x?token=abc');
  expect(response.statusCode).toBe(500);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.body).not.toContain('swordfish');
  expect(seen.join('')).toContain(response.json().requestId);
  expect(seen.join('')).not.toContain('token=abc');
  await server.close();
});

it('every refusal is a problem: no route, a malformed address, a body too large, broken JSON', async () => {
  const codes = await Promise.all([
    ask(app, 'GET', '/api/v1/nothing'),
    ask(app, 'GET', '/%E0%A4%A'),
    ask(app, 'POST', '/api/v1/rooms/x/tickets', { body: { name: 'x'.repeat(70_000) } }),
    app.app
      .inject({
        method: 'POST',
        url: '/api/v1/rooms/x/tickets',
        headers: { 'content-type': 'application/json' },
        payload: '{',
      })
      .then((response) => ({ body: response.json() })),
  ]);
  expect(codes.map(({ body }) => body.code)).toEqual(['not-found', 'invalid-request', 'too-large', 'invalid-request']);
});

it('listeners and speakers get no cookie', async () => {
  const host = await makeHost(app, 'Ada');
  const { slug } = await makeRoom(app, host);
  const links = `/api/v1/rooms/${slug}/speak-links`;
  const link = await ask(app, 'POST', links, { token: host.token, body: { label: 'Bo' } });
  const secret = new URL(link.body.url).hash.replace('#speak=', '');
  const answers = [
    await ask(app, 'GET', `/r/${slug}`),
    await ask(app, 'GET', '/'),
    await ask(app, 'POST', `/api/v1/rooms/${slug}/tickets`, { body: {} }),
    await ask(app, 'POST', `${links}/redeem`, { body: { secret, name: 'Bo' } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 201]);
  for (const { headers } of answers) expect(headers['set-cookie']).toBeUndefined();
});

it('nothing is logged of tickets, neither at debug', async () => {
  const host = await makeHost(app, 'Bea');
  const { slug } = await makeRoom(app, host);
  const before = lines.length;
  await Promise.all(Array.from({ length: 5 }, () => ask(app, 'POST', `/api/v1/rooms/${slug}/tickets`, { body: {} })));
  expect(lines.slice(before)).toEqual([]);
});

it('a page of the app may load from here alone, use the microphone and tell nobody where it was', async () => {
  const { headers, body } = await ask(app, 'GET', '/manage/rooms');
  expect(body).toContain('<div id="app">');
  expect(headers).toMatchObject({
    'referrer-policy': 'no-referrer',
    'permissions-policy': expect.stringContaining('microphone=(self)'),
    'cache-control': 'no-cache',
  });
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(/default-src 'none'.*script-src 'self'.*style-src 'self'.*connect-src 'self'/);
  expect(policy).not.toContain('unsafe');
});

it('hashed files are kept for ever, the document never', async () => {
  expect((await ask(app, 'GET', '/assets/app-1a2b.js')).headers['cache-control']).toBe(
    'public, max-age=31536000, immutable',
  );
  expect((await ask(app, 'GET', '/favicon.svg')).headers['cache-control']).toBe('public, max-age=600');
  expect((await ask(app, 'GET', '/assets/../index.html')).status).toBe(404);
});

it('a room has its title in the head of its page, harmless whatever it is; a missing one has a page as well', async () => {
  const host = await makeHost(app, 'Cleo');
  const { slug } = await makeRoom(app, host, { title: 'Tea & "<script>"', live: false });
  const page = await ask(app, 'GET', `/r/${slug}`);
  expect(page.body).toContain('<meta property="og:title" content="Tea &amp; &quot;&lt;script&gt;&quot;" />');
  expect(page.body).not.toContain('<script>');
  const missing = await ask(app, 'GET', '/r/nowhere-at-all', { headers: { accept: 'text/html' } });
  expect([missing.status, missing.body]).toEqual([404, document]);
  expect((await ask(app, 'GET', '/nothing', { headers: { accept: 'text/html' } })).body).toBe(document);
});

it('without a build the app says how to get one', async () => {
  const server = await startTestApp({ deps: { media: fakeMedia(), web: webApp(join(folder, 'missing')) } });
  expect(await ask(server, 'GET', '/')).toMatchObject({
    status: 503,
    body: 'The web app is not built yet. Run: npm start\n',
  });
  await server.stop();
});

it('a classroom behind one address gets in at once, a script behind it does not', async () => {
  const host = await makeHost(app, 'Dora');
  const { slug } = await makeRoom(app, host);
  const statuses: number[] = [];
  for (let i = 0; i < 61; i += 1) {
    const response = await app.app.inject({
      method: 'POST',
      url: `/api/v1/rooms/${slug}/tickets`,
      payload: {},
      remoteAddress: '203.0.113.77',
    });
    statuses.push(response.statusCode);
    if (i === 60) expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  }
  expect(statuses.slice(0, 60).every((status) => status === 201)).toBe(true);
  expect(statuses[60]).toBe(429);
  expect((await ask(app, 'POST', `/api/v1/rooms/${slug}/tickets`, { body: {} })).status).toBe(201);
});

it('an address is believed from as many proxies as the operator says, and from none by default', async () => {
  const addresses = async (trustProxy: number) => {
    const server = await createHttp({ ...app.config, trustProxy }, createLog({ level: 'fatal' }));
    const schema = { ...described, response: { 200: z.object({ ip: z.string() }), ...problemResponses } };
    server.get('/ip', { config: { action: 'readHealth' }, schema }, (request) => ({ ip: request.ip }));
    const headers = { 'x-forwarded-for': '198.51.100.1, 198.51.100.2' };
    const { ip } = (await server.inject({ url: '/ip', headers, remoteAddress: '203.0.113.1' })).json();
    await server.close();
    return ip;
  };
  expect([await addresses(0), await addresses(1), await addresses(2)]).toEqual([
    '203.0.113.1',
    '198.51.100.2',
    '198.51.100.1',
  ]);
});

it('a refused upgrade anywhere leaves a server that closes', async () => {
  const server = await startTestApp({ deps: { media: fakeMedia() } });
  const refused = ['/nowhere', '/healthz', '/media/rtc', '/media/twirp', '/manage', '/api/v1/host'].map(
    async (path) => {
      const socket = new WebSocket(server.baseUrl.replace('http', 'ws') + path);
      socket.on('error', () => {});
      await new Promise((closed) => socket.on('close', closed));
    },
  );
  await Promise.all(refused);
  await server.stop();
});

it('the description of the API is valid to the eye of a client: unique operations, problems, no doubled schemas', async () => {
  const { body } = await ask(app, 'GET', '/api/openapi.json');
  const operations = Object.values(body.paths as Record<string, Record<string, Parsed>>).flatMap((path) =>
    Object.values(path),
  );
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(body.components.schemas).filter((name) => name.endsWith('Input'))).toEqual([]);
  const text = JSON.stringify(body);
  for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
    expect(body.components.schemas).toHaveProperty(name ?? '');
  for (const { responses } of operations) expect(responses['4XX'].content).toHaveProperty(['application/problem+json']);
});
