import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { ask } from '../support/hosts.ts';

type Outcome = { code: number; out: string; problem: string };

const script = resolve(import.meta.dirname, '../../scripts/admin.ts');

let app: TestApp;
let folder: string;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  folder = await mkdtemp(join(tmpdir(), 'loggia-admin-'));
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const admin = (args: string[], input = ''): Promise<Outcome> => {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: app.config.databaseUrl,
    DATA_DIR: folder,
    RECORDINGS_DIR: folder,
  };
  const child = execFile(process.execPath, [script, ...args], { env }, (error, out, problem) =>
    done({ code: error ? Number(error.code) : 0, out, problem }),
  );
  child.stdin?.end(input);
  return promise;
};

it('makes a host and a token that opens the API, beside the running server', async () => {
  const host = JSON.parse((await admin(['host', 'create', '--name', 'Ada'])).out);
  expect(host).toMatchObject({ name: 'Ada', isOwner: true, password: expect.stringMatching(/^[\w-]{20}$/) });
  const token = JSON.parse((await admin(['token', 'create', '--host', 'Ada', '--days', '1'])).out);
  expect((await ask(app, 'GET', '/api/v1/host', { token: token.token })).body.id).toBe(host.id);
  expect(JSON.parse((await admin(['host', 'list'])).out)).toEqual({
    hosts: [{ id: host.id, name: 'Ada', isOwner: true }],
  });
});

it('a new password signs the host out everywhere and lets them in again', async () => {
  const { password } = JSON.parse((await admin(['host', 'create', '--name', 'Bea'])).out);
  const signIn = (secret: string) =>
    ask(app, 'POST', '/manage/api/v1/sign-in', {
      headers: { 'sec-fetch-site': 'same-origin' },
      body: { name: 'Bea', password: secret },
    });
  const cookie = String((await signIn(password)).headers['set-cookie']).split(';')[0];
  expect((await admin(['reset-password', '--host', 'Bea', '--password-stdin'], 'a password of my own\n')).code).toBe(0);
  expect((await ask(app, 'GET', '/manage/api/v1/host', { cookie })).status).toBe(401);
  expect((await signIn(password)).status).toBe(401);
  expect((await signIn('a password of my own')).status).toBe(200);
});

it('says what is wrong, on stderr and by its exit code', async () => {
  const [unknown, nobody, taken] = await Promise.all([
    admin(['frob']),
    admin(['token', 'create', '--host', 'Nobody']),
    admin(['host', 'create', '--name', 'Ada']),
  ]);
  expect(unknown).toMatchObject({ code: 64, out: '', problem: expect.stringContaining('There is no command "frob".') });
  expect(nobody).toMatchObject({ code: 1, out: '', problem: 'There is no host named Nobody. Check the address.\n' });
  expect(taken).toMatchObject({ code: 1, problem: 'This name is taken. Choose another one.\n' });
});
