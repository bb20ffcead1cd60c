import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostsStore } from '../../server/people/hosts.store.ts';
import { createSetupLink, offerSetup } from '../../server/people/setup.ts';
import { systemClock } from '../../server/platform/clock.ts';
import { hashSecret } from '../../server/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { ask, makeHost } from '../support/hosts.ts';

const manage = '/manage/api/v1';
const cookieOf = (headers: Record<string, unknown>): string => String(headers['set-cookie']).split(';')[0] ?? '';
const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
const ours = { 'sec-fetch-site': 'same-origin' };

const startApp = (settings = {}): Promise<TestApp> =>
  startTestApp({ deps: { media: fakeMedia() }, settings: { SIGN_IN_PER_MINUTE: '1000', ...settings } });

const secretOf = async ({ database, config }: TestApp): Promise<string> => {
  const link = await createSetupLink({ hosts: hostsStore(database), clock: systemClock, config });
  return new URL(link).hash.replace('#secret=', '');
};

describe('the first host', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  it('a set-up link used twenty times at once makes exactly one owner', async () => {
    const file = await offerSetup({ hosts: hostsStore(app.database), clock: systemClock, config: app.config });
    const link = (await readFile(file ?? '', 'utf8')).trim();
    expect((await stat(file ?? '')).mode & 0o777).toBe(0o600);
    expect((await ask(app, 'GET', '/api/v1/instance')).body.needsSetUp).toBe(true);

    const secret = new URL(link).hash.replace('#secret=', '');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        ask(app, 'POST', `${manage}/set-up`, {
          headers: ours,
          body: { secret, name: `Host ${i}`, password: 'long enough 1' },
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => ![200, 410, 503].includes(status))).toEqual([]);
    expect(await app.database.prisma.host.count()).toBe(1);
    expect((await ask(app, 'GET', '/api/v1/instance')).body.needsSetUp).toBe(false);
    await expect(stat(file ?? '')).rejects.toThrow(/ENOENT/);

    const winner = answers.find(({ status }) => status === 200);
    const again = await ask(app, 'GET', `${manage}/host`, { cookie: cookieOf(winner?.headers ?? {}) });
    expect(again.body).toMatchObject({ isOwner: true });
  });

  it('a link of yesterday, a wrong one and a replaced one are spent', async () => {
    const old = await secretOf(app);
    const fresh = await secretOf(app);
    await app.database.prisma.setupLink.updateMany({
      data: { expiresAt: new Date(0) },
      where: { secretHash: hashSecret(fresh) },
    });
    for (const secret of [old, fresh, 'x'.repeat(43)]) {
      const body = { secret, name: 'Late', password: 'long enough 1' };
      expect((await ask(app, 'POST', `${manage}/set-up`, { headers: ours, body })).body.code).toBe('setup-link-spent');
    }
  });
});

it('a set-up link is worth nothing once there is a host, however they came', async () => {
  const app = await startApp();
  const secret = await secretOf(app);
  await makeHost(app, 'Ida');
  const body = { secret, name: 'Second owner', password: 'long enough 1' };
  expect((await ask(app, 'POST', `${manage}/set-up`, { headers: ours, body })).body.code).toBe('setup-link-spent');
  expect(await app.database.prisma.host.count()).toBe(1);
  await app.stop();
});

describe('signing in', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  const signIn = (name: string, password: string, headers: Record<string, string> = ours) =>
    ask(app, 'POST', `${manage}/sign-in`, { headers, body: { name, password } });

  it('name and password give a cookie that stays below /manage and that scripts cannot read', async () => {
    const host = await makeHost(app, 'Ada');
    const answer = await signIn('Ada', host.password);
    expect(answer.body).toEqual({ id: host.id, name: 'Ada', isOwner: true });
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^loggia=[\w-]{43}; Max-Age=2592000; Path=\/manage; HttpOnly; SameSite=Lax$/,
    );
    const stored = await app.database.prisma.login.findFirst();
    expect(stored?.tokenHash).toBe(hashSecret(cookieOf(answer.headers).replace('loggia=', '')));
  });

  it('a wrong password and an unknown name are the same answer', async () => {
    await makeHost(app, 'Bea');
    const [wrong, unknown] = await Promise.all([
      signIn('Bea', 'not the password'),
      signIn('Nobody', 'not the password'),
    ]);
    const withoutId = ({ requestId: _, ...rest }: Record<string, unknown>) => rest;
    expect(wrong.status).toBe(401);
    expect(withoutId(wrong.body)).toEqual(withoutId(unknown.body));
  });

  it('signing in again replaces the login, signing out ends it', async () => {
    const host = await makeHost(app, 'Cleo');
    const first = cookieOf((await signIn('Cleo', host.password)).headers);
    const second = cookieOf((await signIn('Cleo', host.password, { ...ours, cookie: first })).headers);
    expect((await ask(app, 'GET', `${manage}/host`, { cookie: first })).status).toBe(401);
    const mine = await ask(app, 'GET', `${manage}/host`, { cookie: second });
    expect([mine.status, mine.headers['cache-control']]).toEqual([200, 'no-store']);
    const out = await ask(app, 'POST', `${manage}/sign-out`, { cookie: second });
    expect(out.status).toBe(204);
    expect(String(out.headers['set-cookie'])).toContain('Max-Age=0');
    expect((await ask(app, 'GET', `${manage}/host`, { cookie: second })).status).toBe(401);
  });

  it('a cookie is not read outside /manage, and no other credential inside', async () => {
    const host = await makeHost(app, 'Dora');
    const cookie = cookieOf((await signIn('Dora', host.password)).headers);
    expect((await ask(app, 'GET', '/api/v1/host', { cookie })).body.code).toBe('sign-in-required');
    expect((await ask(app, 'GET', `${manage}/host`, { token: host.token })).body.code).toBe('sign-in-required');
    expect((await ask(app, 'GET', '/api/v1/host', { token: host.token })).status).toBe(200);
  });

  it('what changes something with a cookie must come from our own pages, as JSON', async () => {
    const host = await makeHost(app, 'Eve');
    const cookie = cookieOf((await signIn('Eve', host.password)).headers);
    const post = (headers: Record<string, string>, body: object = { title: 'A room' }) =>
      ask(app, 'POST', `${manage}/rooms`, { headers: { cookie, ...headers }, body });
    expect((await post(foreign)).status).toBe(403);
    expect((await post({})).status).toBe(403);
    expect((await post({ origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await post({ ...ours, 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post({ ...ours, 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await post(ours)).status).toBe(201);
    expect((await post({ origin: new URL(app.config.publicUrl).origin })).status).toBe(201);
    expect((await signIn('Eve', host.password, foreign)).status).toBe(403);
  });

  it('an API token does what its scopes say until it expires or is revoked', async () => {
    const host = await makeHost(app, 'Fay', ['recordings']);
    expect((await ask(app, 'GET', '/api/v1/recordings', { token: host.token })).status).toBe(200);
    const refused = await ask(app, 'POST', '/api/v1/rooms', { token: host.token, body: { title: 'A room' } });
    expect(refused.body.code).toBe('not-allowed');
    const where = { tokenHash: hashSecret(host.token) };
    await app.database.prisma.apiToken.update({ where, data: { expiresAt: new Date(0) } });
    expect((await ask(app, 'GET', '/api/v1/recordings', { token: host.token })).body.code).toBe('token-invalid');
    await app.database.prisma.apiToken.update({
      where,
      data: { expiresAt: new Date('2999-01-01'), revokedAt: new Date() },
    });
    expect((await ask(app, 'GET', '/api/v1/recordings', { token: host.token })).body.code).toBe('token-invalid');
  });
});

it('the sixth sign-in within a minute from one address is refused, and so is the sixth try at a set-up link', async () => {
  const app = await startApp({ SIGN_IN_PER_MINUTE: undefined });
  const sixTimes = async (path: string, body: object): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      statuses.push((await ask(app, 'POST', `${manage}/${path}`, { headers: ours, body })).status);
    }
    return statuses;
  };
  const signIn = { name: 'Nobody', password: 'whatever it is' };
  expect(await sixTimes('sign-in', signIn)).toEqual([401, 401, 401, 401, 401, 429]);
  expect(await sixTimes('set-up', { ...signIn, secret: 'x'.repeat(43) })).toEqual([410, 410, 410, 410, 410, 429]);
  await app.stop();
});

it('over https the cookie is Secure and carries the prefix that plain http cannot set', async () => {
  const settings = { PUBLIC_URL: 'https://loggia.example', OPERATOR_CONTACT: 'mailto:us@loggia.example' };
  const app = await startApp(settings);
  const host = await makeHost(app, 'Gil');
  const answer = await ask(app, 'POST', `${manage}/sign-in`, {
    headers: ours,
    body: { name: 'Gil', password: host.password },
  });
  expect(String(answer.headers['set-cookie'])).toMatch(
    /^__Secure-loggia=[\w-]{43}; .*Path=\/manage; HttpOnly; Secure; SameSite=Lax$/,
  );
  await app.stop();
});
