import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import type { MasterView, RecordingView } from '../../server/recording/recording.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { isAlive } from '../support/capture-rig.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { Answer, TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { recordedEvening } from '../support/recorded-evening.ts';
import { services } from '../support/services.ts';
import { SAMPLE_RATE, decodeSound, toneDbfs } from '../support/sound.ts';
import { ADA, BO, speak, tone } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const { ffmpegBin } = services();
let app: TestApp;
let ada: TestHost;
let bo: TestHost;
let liveSessionId: string;
let evening: Awaited<ReturnType<typeof recordedEvening>>;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  ada = await makeHost(app, 'Ada');
  bo = await makeHost(app, 'Bo');
  ({ liveSessionId } = await makeRoom(app, ada, { title: 'The harbour' }));
  evening = await recordedEvening(app, liveSessionId, [
    { tracks: [{ speaker: 'Ada', pcm: tone(440, 6) }] },
    {
      tracks: [
        { speaker: 'Bo', pcm: tone(1500, 3) },
        { speaker: 'Cy', pcm: tone(700, 2), offsetSamples: 4 * SAMPLE_RATE },
      ],
    },
  ]);
});
afterAll(() => app.stop());

const url = (path = '', id = evening.recordingId): string => `/api/v1/recordings/${id}${path}`;
const post = (path: string, body?: object, { host = ada, id = evening.recordingId } = {}): Promise<Answer> =>
  ask(app, 'POST', url(path, id), { token: host.token, body });
const view = async (id = evening.recordingId): Promise<RecordingView> =>
  (await ask(app, 'GET', url('', id), { token: ada.token })).body as RecordingView;
const find = ({ master, masters }: RecordingView, masterId: string): MasterView =>
  [master, ...masters].find((one) => one?.id === masterId)!;
const inState = (masterId: string, state: MasterView['state'], id = evening.recordingId): Promise<MasterView> =>
  until(
    async () => {
      const found = find(await view(id), masterId);
      if (found.state === 'failed' && state !== 'failed') throw new Error(found.problem?.detail);
      return found.state === state && found;
    },
    { timeoutMs: 120_000, everyMs: 100, what: `the master is ${state}` },
  );
const made = async (body?: object, id = evening.recordingId): Promise<MasterView> => {
  const { status, body: master } = await post('/masters', body, { id });
  expect(status).toBe(202);
  return inState(master.id, 'ready', id);
};
const pcmOf = async ({ renditions }: MasterView, dir = evening.dir): Promise<Int16Array> =>
  decodeSound(join(dir, renditions[0]!.file), ffmpegBin);
const loudest = (pcm: Int16Array): number =>
  [440, 700, 1500].reduce((best, hz) => (toneDbfs(pcm, hz) > toneDbfs(pcm, best) ? hz : best), 440);

describe('a cut', () => {
  it('orders takes and leaves out their middles, and says who is heard in it', async () => {
    const [first, second] = evening.takeIds;
    const cut = [
      { takeId: second, fromMs: 4_500, toMs: 6_000 },
      { takeId: first, fromMs: 0, toMs: 1_000 },
      { takeId: first, fromMs: 5_000, toMs: 6_000 },
    ];
    const master = await made({ cut, title: 'The end first' });
    expect(master).toMatchObject({ kind: 'cut', title: 'The end first', preset: 'speech', cut, durationMs: 3_500 });
    const pcm = await pcmOf(master);
    expect(pcm.length).toBe(3.5 * SAMPLE_RATE);
    const stretches = [pcm.subarray(0, 72_000), pcm.subarray(72_000, 120_000), pcm.subarray(120_000)];
    expect(stretches.map(loudest)).toEqual([700, 440, 440]);
    expect(master.quality?.voices.map(({ speaker }) => speaker).toSorted()).toEqual(['Ada', 'Cy']);
  });

  it('stands beside the others, and only a master of all takes supersedes one', async () => {
    const [takeId] = evening.takeIds;
    const [one, other] = [
      await made({ cut: [{ takeId, fromMs: 0, toMs: 900 }] }),
      await made({ cut: [{ takeId, fromMs: 100, toMs: 800 }] }),
    ];
    const [older, newer] = [await made(), await made({ preset: 'music' })];
    const { master, masters } = await view();
    expect([master?.id, master?.kind, master?.preset]).toEqual([newer.id, 'whole', 'music']);
    expect(masters.map(({ id }) => id)).toEqual(expect.arrayContaining([one.id, other.id]));
    expect(masters.map(({ id }) => id)).not.toContain(older.id);
    const { recordingId } = evening;
    const own = await ask(app, 'GET', `${url()}/masters/${one.id}/audio/mp3`, { token: ada.token });
    expect([own.status, own.headers['content-type']]).toEqual([200, 'audio/mpeg']);
    expect(find(await view(), one.id).renditions[0]!.url).toContain(`${recordingId}/masters/${one.id}/audio/mp3`);
    const gone = await ask(app, 'GET', `${url()}/masters/${older.id}/audio/mp3`, { token: ada.token });
    expect(gone.body.code).toBe('master-not-ready');
  });

  it.each([
    ['of a take that is not there', { takeId: 'nowhere', fromMs: 0, toMs: 10 }, '/cut/0/takeId'],
    ['that passes the end of its take', { fromMs: 0, toMs: 6_001 }, '/cut/0/toMs'],
    ['that ends before it begins', { fromMs: 500, toMs: 500 }, '/cut/0/toMs'],
  ])('%s is refused, and the Problem names the range', async (_, range, pointer) => {
    const { status, body } = await post('/masters', { cut: [{ takeId: evening.takeIds[0], ...range }] });
    expect([status, body.code, body.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([
      400,
      'invalid-request',
      [pointer],
    ]);
  });

  it('has at least one range and at most five hundred', async () => {
    const range = { takeId: evening.takeIds[0], fromMs: 0, toMs: 10 };
    const sizes = await Promise.all(
      [0, 501].map((length) => post('/masters', { cut: Array.from({ length }, () => range) })),
    );
    expect(sizes.map(({ status }) => status)).toEqual([400, 400]);
  });

  it('of five hundred ranges is made to the sample', async () => {
    const [takeId] = evening.takeIds;
    const cut = Array.from({ length: 500 }, (_, i) => ({ takeId, fromMs: i * 12, toMs: i * 12 + 6 }));
    expect((await pcmOf(await made({ cut }))).length).toBe(3 * SAMPLE_RATE);
  });

  it('can be published beside the master of all takes, with the names of those who are heard in it', async () => {
    const [, takeId] = evening.takeIds;
    const master = await made({ cut: [{ takeId, fromMs: 0, toMs: 2_000 }], title: 'Bo alone' });
    const publish = (masterId: string) =>
      ask(app, 'POST', url('/episodes'), {
        token: ada.token,
        headers: { 'idempotency-key': randomId() },
        body: { title: 'Bo alone', masterId },
      });
    const { status, body } = await publish(master.id);
    expect([status, body.durationMs, body.speakers]).toEqual([201, 2_000, ['Bo']]);
    expect((await publish('00000000-0000-4000-8000-000000000000')).body.code).toBe('not-found');
  });
});

it('the masters of somebody else are not there', async () => {
  const master = (await view()).masters[0]!;
  const answers = [
    await post('/masters', {}, { host: bo }),
    await post(`/masters/${master.id}/cancel`, undefined, { host: bo }),
    await post(`/masters/${master.id}/retry`, undefined, { host: bo }),
    await ask(app, 'GET', url(`/masters/${master.id}/audio/mp3`), { token: bo.token }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});

describe('a master that takes its time', () => {
  let long: Awaited<ReturnType<typeof recordedEvening>>;
  const pids = async (): Promise<number[]> => {
    const folders = (await readdir(join(long.dir, 'work'))).filter((name) => /^[0-9a-f-]{36}-\d+$/.test(name));
    const lines = await Promise.all(
      folders.map((name) => readFile(join(long.dir, 'work', name, 'children.jsonl'), 'utf8').catch(() => '')),
    );
    return lines.flatMap((text) => [...text.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid)));
  };
  const order = async (body?: object): Promise<string> =>
    (await post('/masters', body, { id: long.recordingId })).body.id as string;
  const later = (id: string, what: 'cancel' | 'retry') =>
    post(`/masters/${id}/${what}`, undefined, { id: long.recordingId });
  const rendering = (id: string, step: string) =>
    until(async () => find(await view(long.recordingId), id).step === step, {
      timeoutMs: 120_000,
      everyMs: 100,
      what: step,
    });

  beforeAll(async () => {
    const tracks = [
      { speaker: 'Ada', pcm: speak(ADA, 40, -20) },
      { speaker: 'Bo', pcm: speak(BO, 40, -30) },
    ];
    long = await recordedEvening(app, liveSessionId, [{ tracks }]);
  });

  it('is cancelled within a second, ffmpeg and all, and tried again goes on from its last stage', async () => {
    const id = await order();
    await rendering(id, 'encode');
    const started = await pids();
    const askedAt = performance.now();
    expect((await later(id, 'cancel')).body.state).toBe('cancelled');
    await until(() => !started.some(isAlive), { timeoutMs: 1_000, everyMs: 10, what: 'no ffmpeg is left' });
    expect(performance.now() - askedAt).toBeLessThan(1_000);
    expect((await later(id, 'cancel')).body.code).toBe('master-not-running');

    const finished = (await readdir(join(long.dir, 'work'))).filter((name) => /^master-.*\.flac$/.test(name));
    expect(finished.length).toBe(1);
    const steps = new Set<string>();
    expect((await later(id, 'retry')).body).toMatchObject({
      problem: null,
      state: expect.stringMatching(/queued|rendering/),
    });
    await until(
      async () => {
        const master = find(await view(long.recordingId), id);
        if (master.step) steps.add(master.step);
        return master.state === 'ready';
      },
      { timeoutMs: 120_000, everyMs: 60, what: 'the master is ready' },
    );
    expect(['align', 'mix', 'master'].filter((step) => steps.has(step))).toEqual([]);
    expect((await later(id, 'retry')).body.code).toBe('master-not-failed');
  });

  it('is cancelled while it waits, and the next one does not wait for it', async () => {
    const [takeId] = long.takeIds;
    const [running, waiting, last] = [
      await order({ cut: [{ takeId, fromMs: 0, toMs: 38_000 }] }),
      await order({ cut: [{ takeId, fromMs: 0, toMs: 30_000 }] }),
      await order({ cut: [{ takeId, fromMs: 0, toMs: 1_000 }] }),
    ];
    expect((await later(waiting, 'cancel')).body.state).toBe('cancelled');
    expect((await later(running, 'cancel')).status).toBe(200);
    await inState(last, 'ready', long.recordingId);
    expect(find(await view(long.recordingId), waiting)).toMatchObject({ state: 'cancelled', percent: 0 });
  });

  it('is alone: of many that wait, only one renders at a time', async () => {
    const [takeId] = long.takeIds;
    const ids = await Promise.all([3_000, 4_000, 5_000].map((toMs) => order({ cut: [{ takeId, fromMs: 0, toMs }] })));
    let most = 0;
    await until(
      async () => {
        const { masters } = await view(long.recordingId);
        most = Math.max(most, masters.filter(({ state }) => state === 'rendering').length);
        return ids.every((id) => masters.some((one) => one.id === id && one.state === 'ready'));
      },
      { timeoutMs: 120_000, everyMs: 100, what: 'all are ready' },
    );
    expect(most).toBe(1);
  });

  it('tells how far it is: the percent never falls, and the time left is right within a factor of three at half time', async () => {
    const id = await order({ preset: 'music' });
    const seen: { atMs: number; percent: number; etaMs: number | null }[] = [];
    await until(
      async () => {
        const { state, percent, etaMs } = find(await view(long.recordingId), id);
        if (state === 'rendering') seen.push({ atMs: performance.now(), percent, etaMs });
        return state === 'ready';
      },
      { timeoutMs: 120_000, everyMs: 100, what: 'the master is ready' },
    );
    const [startedAt, endedAt] = [seen[0]!.atMs, performance.now()];
    const percents = seen.map(({ percent }) => percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    const half = seen.find(({ atMs }) => atMs >= (startedAt + endedAt) / 2)!;
    const truth = endedAt - half.atMs;
    expect(half.etaMs).toBeGreaterThan(truth / 3);
    expect(half.etaMs).toBeLessThan(truth * 3);
  });

  it('too many that wait are refused', async () => {
    const [takeId] = long.takeIds;
    const body = { cut: [{ takeId, fromMs: 0, toMs: 30_000 }] };
    const answers = [];
    for (let i = 0; i < 22; i++) answers.push(await post('/masters', body, { id: long.recordingId }));
    expect(answers.at(-1)?.body.code).toBe('too-many-requests');
    const queued = answers.filter(({ status }) => status === 202);
    expect(queued.length).toBeGreaterThanOrEqual(20);
    for (const { body: master } of queued.toReversed()) await later(master.id, 'cancel');
  });
});
