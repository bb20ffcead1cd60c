import { rename, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { until } from '../support/wait.ts';

/** How long the door page and the public card may say less than what is captured. */
const CARD_MS = 2_000;

let app: TestApp;
let host: TestHost;
const ended: string[] = [];

beforeAll(async () => {
  app = await startTestApp({ settings: { LOG_LEVEL: 'fatal' } });
  host = await makeHost(app, 'Ada');
}, 60_000);
afterAll(async () => {
  for (const slug of ended) await order(slug, 'live-session/end');
  await app.stop();
});

const order = (slug: string, path: string, body?: object, on = app) =>
  ask(on, 'POST', `/api/v1/rooms/${slug}/${path}`, {
    token: host.token,
    headers: { 'idempotency-key': randomId() },
    ...(body && { body }),
  });
const room = async (recordingArmed = true): Promise<string> => {
  const { slug } = await makeRoom(app, host, { policy: { recordingArmed } });
  ended.push(slug);
  return slug;
};
const isLit = async (slug: string, on = app): Promise<boolean> =>
  (await ask(on, 'GET', `/api/v1/rooms/${slug}`)).body.live?.recording;

describe('orders', () => {
  it('two starts at once make one take; the second is told that the room is being recorded', async () => {
    const slug = await room();
    const answers = await Promise.all([order(slug, 'recording/start'), order(slug, 'recording/start')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)!.body.code).toBe('recording-running');
    const { body } = await order(slug, 'recording/stop');
    expect(body.takes.map(({ state }: { state: string }) => state)).toEqual(['closed']);
  });

  it('pain 2: a stop in the middle of a start, in a room where nobody speaks, ends cleanly, and the next start works', async () => {
    const slug = await room();
    const starting = order(slug, 'recording/start');
    const stopped = await until(async () => {
      const answer = await order(slug, 'recording/stop');
      return answer.status === 200 && answer;
    });
    const started = await starting;
    expect(stopped.body.takes.map(({ state }: { state: string }) => state)).not.toContain('starting');
    expect([201, 409]).toContain(started.status);
    const again = await order(slug, 'recording/start');
    expect([again.status, again.body.takes.at(-1).state]).toEqual([201, 'capturing']);
    await order(slug, 'recording/stop');
  });

  it('a mark set while recording lies in its take', async () => {
    const slug = await room();
    const started = await order(slug, 'recording/start');
    const mark = await order(slug, 'recording/marks', { label: ' good part ' });
    expect(mark).toMatchObject({ status: 201, body: { takeId: started.body.takes[0].id, label: 'good part' } });
    const { body } = await order(slug, 'recording/stop');
    expect(body.takes[0].marks).toEqual([{ id: mark.body.id, atMs: mark.body.atMs, label: 'good part' }]);
    expect((await order(slug, 'recording/marks', { label: 'too late' })).body.code).toBe('recording-not-running');
    expect((await order(slug, 'recording/marks', { label: ' ' })).body.code).toBe('invalid-request');
  });

  it('pain 4: a start for which no capture can be made is refused within 5 s with the reason, and works when it is mended', async () => {
    const slug = await room(false);
    const { runtimeDir } = app.config;
    await rename(runtimeDir, `${runtimeDir}.away`);
    await writeFile(runtimeDir, 'a file in its place');
    const askedAtMs = performance.now();
    const refused = await order(slug, 'recording/start');
    expect(performance.now() - askedAtMs).toBeLessThan(5_000);
    expect(refused).toMatchObject({ status: 503, body: { code: 'recording-unavailable', next: expect.any(String) } });
    expect(refused.body.detail).toContain('RUNTIME_DIR');
    await rm(runtimeDir);
    await rename(`${runtimeDir}.away`, runtimeDir);
    expect((await order(slug, 'recording/start')).status).toBe(201);
    await order(slug, 'recording/stop');
  });
});

describe('door page and public card', () => {
  it('say within 2 s that a take runs, and that it has ended', async () => {
    const slug = await room();
    expect(await isLit(slug)).toBe(false);
    await order(slug, 'recording/start');
    await until(() => isLit(slug), { timeoutMs: CARD_MS, what: 'lit' });
    await order(slug, 'recording/pause');
    await until(async () => !(await isLit(slug)), { timeoutMs: CARD_MS, what: 'dark' });
  });

  it('are never dark while captured, also from the first moment of a server that comes back', async () => {
    const slug = await room();
    const { body } = await order(slug, 'recording/start');
    const { config, database } = app;
    await app.app.close();
    const { databaseUrl, recordingsDir, runtimeDir, admissionSecret } = config;
    const next = await startTestApp({
      deps: { database },
      settings: {
        LOG_LEVEL: 'fatal',
        DATABASE_URL: databaseUrl,
        RECORDINGS_DIR: recordingsDir,
        RUNTIME_DIR: runtimeDir,
        ADMISSION_SECRET: admissionSecret,
      },
    });
    try {
      const [fromMs, seen] = [performance.now(), new Set<boolean>()];
      const look = async (): Promise<boolean> => {
        seen.add(await isLit(slug, next));
        return performance.now() - fromMs > CARD_MS;
      };
      await until(look, { timeoutMs: 10_000, what: 'two seconds of looking' });
      expect([...seen]).toEqual([true]);
      const stopped = await order(slug, 'recording/stop', undefined, next);
      expect(stopped.body).toMatchObject({ id: body.id, takes: [{ state: 'closed', stopReason: 'stopped' }] });
      expect(await isLit(slug, next)).toBe(false);
    } finally {
      for (const one of ended) await order(one, 'live-session/end', undefined, next);
      ended.length = 0;
      await next.app.close();
    }
  }, 60_000);
});
