import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { services } from '../support/services.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import { writtenRecording } from '../support/written-recording.ts';

const COUNT = 7;

let app: TestApp;
let host: TestHost;
let other: TestHost;
let ids: string[];

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  host = await makeHost(app, 'Ada');
  other = await makeHost(app, 'Bo');
  ids = [];
  for (let index = 0; index < COUNT; index += 1) {
    const { liveSessionId } = await makeRoom(app, host);
    ids.unshift(await finishedRecording(app, liveSessionId));
  }
});
afterAll(() => app.stop());

const get = (path: string) => ask(app, 'GET', `/api/v1/recordings${path}`, { token: host.token });
const patch = (path: string, name: unknown, token = host.token) =>
  ask(app, 'PATCH', `/api/v1/recordings/${path}`, { token, body: { name } });

describe('the list of recordings', () => {
  it('comes in pages, newest first, each recording once', async () => {
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const { body }: { body: { recordings: RecordingView[]; next: string | null } } = await get(
        `?limit=3${next && `&before=${next}`}`,
      );
      seen.push(...body.recordings.map(({ id }) => id));
      next = body.next;
    }
    expect(seen).toEqual(ids);
  });

  it('without a limit is the whole of a short list', async () => {
    const { body } = await get('');
    expect([body.recordings.length, body.next]).toEqual([COUNT, null]);
  });

  it('has no page of more than fifty', async () => {
    expect((await get('?limit=51')).body.code).toBe('invalid-request');
  });
});

describe('names', () => {
  it('of a recording and of its takes are given, changed and taken away', async () => {
    const { liveSessionId } = await makeRoom(app, host);
    const { id, takeIds } = await writtenRecording(app, services().ffmpegBin, liveSessionId, [
      {
        row: { state: 'closed', stopReason: 'stopped' },
        journal: { pcm: beeps(1000, 1), stopped: 'stopped' },
      },
    ]);
    expect((await patch(id, '  Tuesday  ')).body).toMatchObject({ id, name: 'Tuesday', takes: [{ name: null }] });
    const named = await patch(`${id}/takes/${takeIds[0]}`, 'The good part');
    expect(named.body).toMatchObject({ name: 'Tuesday', takes: [{ id: takeIds[0], name: 'The good part' }] });
    expect((await patch(id, null)).body.name).toBeNull();
    for (const name of ['', ' ', 'x'.repeat(121), 5]) expect((await patch(id, name)).body.code).toBe('invalid-request');
    expect((await patch(`${id}/takes/no-such-take`, 'x')).status).toBe(404);
    expect((await patch(id, 'mine', other.token)).status).toBe(404);
    expect((await patch(`${id}/takes/${takeIds[0]}`, 'mine', other.token)).status).toBe(404);
  });
});

describe('the replay', () => {
  it('of a recording in which nothing was captured is refused with a reason', async () => {
    const { liveSessionId } = await makeRoom(app, host);
    const { id } = await writtenRecording(app, services().ffmpegBin, liveSessionId, []);
    const view = await get(`/${id}`);
    expect(view.body.replay).toMatchObject({ state: 'none', durationMs: 0, takes: [] });
    expect((await get(`/${id}/replay.mp3`)).body.code).toBe('nothing-recorded');
  });

  it('that is being built says so, and is there a moment later', async () => {
    const { liveSessionId } = await makeRoom(app, host);
    const { id } = await writtenRecording(app, services().ffmpegBin, liveSessionId, [
      { row: { state: 'closed', stopReason: 'stopped' }, journal: { pcm: beeps(1000, 2), stopped: 'stopped' } },
    ]);
    const first = await get(`/${id}/replay.mp3`);
    expect([first.status, first.body.code]).toEqual([409, 'replay-not-ready']);
    await until(async () => (await get(`/${id}/replay.mp3`)).status === 200, { what: 'it is built' });
    expect((await get(`/${id}`)).body.replay).toMatchObject({ state: 'ready', takes: [{ fromMs: 0 }] });
  });
});

it('space is told while a recording is open, and not of a closed one', async () => {
  const { liveSessionId } = await makeRoom(app, host);
  const { id } = await writtenRecording(app, services().ffmpegBin, liveSessionId, []);
  expect((await get(`/${id}`)).body.space).toMatchObject({ freeBytes: expect.any(Number), minutesLeft: null });
  expect((await get(`/${ids[0]}`)).body.space).toBeNull();
});
