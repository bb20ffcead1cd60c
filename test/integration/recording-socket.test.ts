import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { randomId } from '../../server/platform/ids.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { until } from '../support/wait.ts';

let app: TestApp;
let ada: TestHost;
let bo: TestHost;
let recordingId: string;
let cookie: string;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  ada = await makeHost(app, 'Ada');
  bo = await makeHost(app, 'Bo');
  const { liveSessionId } = await makeRoom(app, ada, { title: 'The harbour' });
  recordingId = await finishedRecording(app, liveSessionId);
  const { name, password } = ada;
  const signedIn = await ask(app, 'POST', '/manage/api/v1/sign-in', {
    headers: { 'sec-fetch-site': 'same-origin' },
    body: { name, password },
  });
  cookie = String(signedIn.headers['set-cookie']).split(';')[0]!;
});
afterAll(() => app.stop());

const connect = (headers: Record<string, string>, prefix = '/api/v1', origin?: string) => {
  const url = `${app.baseUrl.replace('http', 'ws')}${prefix}/recordings/${recordingId}/events`;
  const socket = new WebSocket(url, { headers, ...(origin === undefined ? {} : { origin }) });
  const views: RecordingView[] = [];
  const times: number[] = [];
  socket.on('message', (data: Buffer) => {
    views.push(JSON.parse(data.toString('utf8')) as RecordingView);
    times.push(performance.now());
  });
  return { socket, views, times };
};
const refusal = async ({ socket }: ReturnType<typeof connect>): Promise<string> => {
  const [error] = (await once(socket, 'error')) as [Error];
  return error.message;
};
const bearer = (host: TestHost) => ({ authorization: `Bearer ${host.token}` });
const progress = (percent: number) =>
  app.database.prisma.master.updateMany({ where: { recordingId }, data: { percent } });

it('a host follows a recording by token or by cookie, and is sent what has changed, and nothing else', async () => {
  const origin = new URL(app.config.publicUrl).origin;
  for (const open of [() => connect(bearer(ada)), () => connect({ cookie }, '/manage/api/v1', origin)]) {
    const { socket, views } = open();
    await until(() => views.length === 1, { what: 'the first view' });
    const { body } = await ask(app, 'GET', `/api/v1/recordings/${recordingId}`, { token: ada.token });
    expect(views[0]).toEqual(body);
    await progress(41);
    await until(() => views.length === 2, { what: 'the changed view' });
    expect(views[1]!.master?.percent).toBe(41);
    await progress(0);
    socket.close();
    await once(socket, 'close');
  }
});

it('what this process changes is told at once, and many changes at most four times a second', async () => {
  const { socket, views, times } = connect(bearer(ada));
  await until(() => views.length === 1);
  const before = performance.now();
  const [master] = await app.database.prisma.master.findMany({ where: { recordingId } });
  await app.database.prisma.master.update({ where: { id: master!.id }, data: { state: 'queued' } });
  const path = `/api/v1/recordings/${recordingId}/masters/${master!.id}/cancel`;
  expect((await ask(app, 'POST', path, { token: ada.token })).status).toBe(200);
  await until(() => views.at(-1)?.master?.state === 'cancelled', { everyMs: 5 });
  expect(times.at(-1)! - before).toBeLessThan(900);
  const gaps = times.slice(1).map((time, i) => time - times[i]!);
  expect(Math.min(...gaps)).toBeGreaterThan(200);
  await app.database.prisma.master.update({ where: { id: master!.id }, data: { state: 'ready' } });
  socket.close();
});

it('nobody else follows it: not another host, not a guest, not a page of another site', async () => {
  const foreign = connect(bearer(bo));
  expect((await once(foreign.socket, 'close'))[0]).toBe(1008);
  expect(foreign.views).toEqual([]);
  expect(await refusal(connect({}))).toContain('401');
  expect(await refusal(connect({ authorization: `Bearer ${randomId()}` }))).toContain('401');
  expect(await refusal(connect({ cookie }))).toContain('401');
  expect(await refusal(connect({ cookie }, '/manage/api/v1', 'https://elsewhere.example'))).toContain('403');
});

it('a follower says nothing: one that does is sent away', async () => {
  const { socket } = connect(bearer(ada));
  await once(socket, 'open');
  socket.send('hello');
  expect((await once(socket, 'close'))[0]).toBe(1008);
});
