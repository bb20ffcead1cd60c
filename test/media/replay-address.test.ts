import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Bot } from '../support/bot.ts';
import { startBot } from '../support/bot.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { services } from '../support/services.ts';
import { decodeSound, onsetsOf, writeWav } from '../support/sound.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const HZ = 1000;
const TAKES = 5;
const TAKE_MS = 3_000;

let app: TestApp;
let host: TestHost;
let speaker: Bot;
let slug: string;
let folder: string;
let recording: RecordingView;
const stopToHeardMs: number[] = [];

const order = async (path: string) =>
  ask(app, 'POST', `/api/v1/rooms/${slug}/${path}`, {
    token: host.token,
    headers: { 'idempotency-key': randomId() },
  });
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${app.baseUrl}/api/v1/recordings/${recording.id}${path}`, {
    method,
    headers: { authorization: `Bearer ${host.token}`, ...headers },
  });
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const seat = async (): Promise<Bot> => {
  const link = await ask(app, 'POST', `/api/v1/rooms/${slug}/speak-links`, {
    token: host.token,
    body: { label: 'Sam' },
  });
  const secret = new URL(link.body.url).hash.replace('#speak=', '');
  const consent = { recorded: true, published: true, wording: 'May we record your voice?', language: 'en' };
  const { body } = await ask(app, 'POST', `/api/v1/rooms/${slug}/speak-links/redeem`, {
    body: { secret, name: 'Sam', consent },
  });
  const bot = await startBot({ mediaUrl: body.mediaUrl, token: body.mediaToken });
  await bot.publish();
  return bot;
};

/** One take of a beeping speaker; how it ended and how long until its replay answered. */
const record = async (how: 'start' | 'resume', end: 'pause' | 'stop'): Promise<RecordingView> => {
  const began = await order(`recording/${how}`);
  expect(began.status).toBe(201);
  const fromMs = Date.now();
  await until(() => Date.now() - fromMs > TAKE_MS, { timeoutMs: TAKE_MS + 2_000 });
  const askedAtMs = performance.now();
  const { body } = await order(`recording/${end}`);
  recording = body;
  const heard = await get('/replay.mp3', { range: 'bytes=0-2879' });
  stopToHeardMs.push(performance.now() - askedAtMs);
  expect([heard.status, (await heard.arrayBuffer()).byteLength]).toEqual([206, 2_880]);
  return recording;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-replay-'));
  app = await startTestApp({ settings: { LOG_LEVEL: 'fatal' } });
  host = await makeHost(app, 'Ada');
  ({ slug } = await makeRoom(app, host, { policy: { recordingArmed: true } }));
  speaker = await seat();
  const wav = join(folder, 'beeps.wav');
  await writeWav(wav, beeps(HZ, 60));
  void speaker.talk(wav, Date.now() + 200, services().ffmpegBin).catch(() => undefined);
}, 60_000);
afterAll(async () => {
  await speaker.leave().catch(() => undefined);
  await ask(app, 'POST', `/api/v1/rooms/${slug}/live-session/end`, { token: host.token });
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the replay', () => {
  it(`is at its address half a second after a stop or a pause, at the median of ${TAKES} takes`, async () => {
    for (let take = 0; take < TAKES; take += 1)
      await record(take === 0 ? 'start' : 'resume', take === TAKES - 1 ? 'stop' : 'pause');
    const all = stopToHeardMs.map((ms) => ms.toFixed(0)).join(', ');
    console.log(`stop → replay heard: median ${median(stopToHeardMs).toFixed(0)} ms (${all})`);
    expect(median(stopToHeardMs)).toBeLessThanOrEqual(500);
    expect(Math.max(...stopToHeardMs)).toBeLessThanOrEqual(2_000);
  }, 90_000);

  it('is all takes one after another, as one file', async () => {
    expect(recording.replay).toMatchObject({
      state: 'ready',
      takes: recording.takes.map(({ id: takeId }) => ({ takeId })),
    });
    const whole = Buffer.from(await (await get('/replay.mp3')).arrayBuffer());
    expect(Math.abs((whole.length / 288) * 24 - recording.replay.durationMs)).toBeLessThanOrEqual(1);
    const lengths = recording.takes.reduce((sum, { durationMs }) => sum + durationMs!, 0);
    expect(Math.abs(lengths - recording.replay.durationMs)).toBeLessThanOrEqual(24 * TAKES);
    const file = join(folder, 'replay.mp3');
    await writeFile(file, whole);
    const pcm = await decodeSound(file, services().ffmpegBin);
    expect(onsetsOf(pcm, HZ).length).toBeGreaterThanOrEqual(TAKES * 2);
  });

  it('answers ranges across its takes, HEAD, 304 and 416 as one file does, and is kept nowhere', async () => {
    const whole = Buffer.from(await (await get('/replay.mp3')).arrayBuffer());
    const second = Math.round((recording.replay.takes[1]!.fromMs / 24) * 288);
    const across = await get('/replay.mp3', { range: `bytes=${second - 100}-${second + 99}` });
    expect([across.status, across.headers.get('content-range')]).toEqual([
      206,
      `bytes ${second - 100}-${second + 99}/${whole.length}`,
    ]);
    expect(Buffer.from(await across.arrayBuffer()).equals(whole.subarray(second - 100, second + 100))).toBe(true);
    const tail = Buffer.from(await (await get('/replay.mp3', { range: 'bytes=-1' })).arrayBuffer());
    expect(tail.equals(whole.subarray(-1))).toBe(true);
    const head = await get('/replay.mp3', {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.headers.get('cache-control')]).toEqual([
      200,
      String(whole.length),
      'no-store',
    ]);
    const etag = head.headers.get('etag')!;
    expect((await get('/replay.mp3', { 'if-none-match': etag })).status).toBe(304);
    const beyond = await get('/replay.mp3', { range: `bytes=${whole.length}-` });
    expect([beyond.status, (await beyond.json()).code]).toEqual([416, 'range-impossible']);
    const saved = await get('/replay.mp3?download=1', {}, 'HEAD');
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename="recording-[\d-]+\.mp3"$/);
  });

  it('gives its place to the master of the same takes', async () => {
    const view = await until(
      async () => {
        const { body } = await ask(app, 'GET', `/api/v1/recordings/${recording.id}`, { token: host.token });
        return body.replay.state === 'master' && (body as RecordingView);
      },
      { timeoutMs: 60_000, what: 'the master is ready' },
    );
    const mp3 = view.master!.renditions.find(({ kind }) => kind === 'mp3')!;
    const head = await get('/replay.mp3', {}, 'HEAD');
    expect([head.headers.get('etag'), head.headers.get('content-length')]).toEqual([
      `"${mp3.sha256}"`,
      String(mp3.bytes),
    ]);
    expect([view.replay.gainDb, view.replay.takes.length]).toEqual([0, TAKES]);
  }, 90_000);

  it('of another host is not found', async () => {
    const other = await makeHost(app, 'Bo');
    const url = `/api/v1/recordings/${recording.id}/replay.mp3`;
    expect(await ask(app, 'GET', url, { token: other.token })).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});
