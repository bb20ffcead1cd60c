import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peopleChapter } from '../../server/people/chapter.ts';
import { systemClock } from '../../server/platform/clock.ts';
import type { CaptureStatus } from '../../server/recording/capture/control.schema.ts';
import { recordingMetrics } from '../../server/recording/recording.metrics.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import type { TestHost } from '../support/hosts.ts';
import { makeHost, makeRoom } from '../support/hosts.ts';

let app: TestApp;
let owner: TestHost;
let host: TestHost;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  owner = await makeHost(app, 'Ona');
  host = await makeHost(app, 'Hal');
});
afterAll(() => app.stop());

const read = (remoteAddress: string, headers: Record<string, string> = {}) =>
  app.app.inject({ method: 'GET', url: '/metrics', remoteAddress, headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('who may read the metrics', () => {
  it('a program on this machine, without a token', async () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      const response = await read(address);
      expect([response.statusCode, response.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(response.headers['content-type']).toMatch('text/plain; version=0.0.4');
    }
  });

  it('from elsewhere the owner with a token, and nobody else', async () => {
    const elsewhere = '203.0.113.9';
    expect((await read(elsewhere)).json().code).toBe('sign-in-required');
    expect((await read(elsewhere, bearer('made up'))).json().code).toBe('not-allowed');
    expect((await read(elsewhere, bearer(host.token))).json().code).toBe('not-allowed');
    expect((await read(elsewhere, bearer(owner.token))).statusCode).toBe(200);
    const { people } = peopleChapter({ config: app.config, database: app.database, clock: systemClock });
    const limited = await people.createApiToken({ hostName: 'Ona', name: 'limited', days: 1, scopes: ['rooms'] });
    expect((await read(elsewhere, bearer(limited.token))).json().code).toBe('not-allowed');
  });

  it('nobody through a proxy on this machine', async () => {
    const signs = {
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      forwarded: 'for=127.0.0.1',
      via: '1.1 a',
    };
    for (const [name, value] of Object.entries(signs)) {
      expect((await read('127.0.0.1', { [name]: value })).statusCode, name).toBe(401);
    }
  });

  it('nobody who asks this machine under a public name: a proxy that says nothing, a page that points its name here', async () => {
    for (const name of ['loggia.example', 'localhost.example:7300', '127.0.0.1.example']) {
      expect((await read('127.0.0.1', { host: name })).statusCode, name).toBe(401);
    }
    for (const name of ['localhost:7300', '127.0.0.1:7300', '[::1]:7300']) {
      expect((await read('127.0.0.1', { host: name })).statusCode, name).toBe(200);
    }
  });
});

/** The samples of the text format, by name with labels. */
const samplesIn = (text: string): Map<string, number> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
      return name ? [[name, value === '+Inf' ? Infinity : Number(value)] as const] : [];
    }),
  );

describe('what is measured', () => {
  it('is space on the disk, takes and masters by state, and nothing about who listens', async () => {
    const { liveSessionId } = await makeRoom(app, host);
    await finishedRecording(app, liveSessionId);
    const { body } = await read('127.0.0.1');
    const samples = samplesIn(body);
    expect(samples.get('loggia_masters{state="ready"}')).toBe(1);
    expect(samples.get('loggia_disk_free_bytes')).toBeGreaterThan(0);
    expect(samples.get('loggia_disk_hours_left')).toBe(Infinity);
    expect([...samples.keys()].filter((name) => !name.startsWith('loggia_'))).toEqual([]);
    expect(body).not.toMatch(/listener|audience|visit|socket|handle|heap/i);
  });

  it('follows the heartbeats of all captures, and counts what was lost once', async () => {
    const status: CaptureStatus = {
      ...{ state: 'capturing', recordingId: 'a', pid: 1, takeId: 'take', startedAtMs: 0, positionMs: 0 },
      ...{ tracks: 3, gaps: 1, gapMs: 0, lagBytes: 100, bytesPerSecond: 50_000, rssBytes: 9, freeBytes: 1 },
      lastStopped: null,
    };
    const statuses = [status, { ...status, recordingId: 'b', takeId: null, tracks: 1, bytesPerSecond: 0 }];
    const counts = { byState: () => Promise.reject(new Error('the database is away')) };
    const { heard, registry } = recordingMetrics({ recordingsDir: tmpdir(), counts, statuses: () => statuses });
    const capture = { recordingId: 'a', liveSessionId: 'session' };
    for (const gapMs of [500, 500, 2_000]) heard(capture, { event: 'heartbeat', status: { ...status, gapMs } });
    heard(capture, { event: 'gone' });
    // Who comes after a lost capture goes on with the same take, and counts its gaps from the beginning
    for (const gapMs of [0, 2_500]) heard(capture, { event: 'heartbeat', status: { ...status, gapMs } });
    const samples = samplesIn(await registry.metrics());
    expect(Object.fromEntries(samples)).toMatchObject({
      ...{ loggia_captures: 2, loggia_takes_running: 1, loggia_capture_tracks: 4, loggia_capture_lag_bytes: 200 },
      ...{ loggia_capture_gap_seconds_total: 2.5, loggia_capture_restarts_total: 1 },
    });
    const [free, hours] = [samples.get('loggia_disk_free_bytes')!, samples.get('loggia_disk_hours_left')!];
    expect(hours).toBeCloseTo((free - 256 * 1024 ** 2) / 50_000 / 3600, 3);
  });

  it('is how long renders took, the failed ones too', async () => {
    const { timing, registry } = recordingMetrics({
      ...{ recordingsDir: tmpdir(), statuses: () => [] },
      counts: { byState: async () => ({ takes: {}, masters: {} }) },
    });
    let run: (fails: boolean) => Promise<void> = async () => {};
    const queue = timing({
      queue: (_name, handler) => {
        run = (fails) => handler({ fails } as never, AbortSignal.timeout(1_000));
        return { send: async () => {} };
      },
      start: async () => {},
      stop: async () => {},
    }).queue;
    queue('render', async (data: { fails: boolean }) => (data.fails ? Promise.reject(new Error('no')) : undefined), {
      expireInSeconds: 1,
    });
    await run(false);
    await run(true).catch(() => {});
    expect(samplesIn(await registry.metrics()).get('loggia_render_seconds_count')).toBe(2);
  });
});
