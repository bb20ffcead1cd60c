import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import { startConditions } from '../../server/recording/start-conditions.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { FakeMedia } from '../support/fake-media.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { services } from '../support/services.ts';

const GIB = 1024 ** 3;

let folder: string;
let app: TestApp;
let host: TestHost;
let media: FakeMedia;
let slug: string;
let ffmpegBin: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loggia-conditions-'));
  ffmpegBin = join(folder, 'ffmpeg');
  await symlink(services().ffmpegBin, ffmpegBin);
  media = fakeMedia();
  app = await startTestApp({
    deps: { media },
    settings: { RECORDINGS_DIR: join(folder, 'recordings'), FFMPEG_BIN: ffmpegBin, LOG_LEVEL: 'fatal' },
  });
  host = await makeHost(app, 'Ada');
  ({ slug } = await makeRoom(app, host));
});
afterEach(() => {
  media.isHealthy = async () => true;
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const takes = () => app.database.prisma.take.count();

/** A start within the time in which a host may expect an answer, and of which no take is left. */
const refusal = async () => {
  const askedAtMs = performance.now();
  const { status, body } = await ask(app, 'POST', `/api/v1/rooms/${slug}/recording/start`, {
    token: host.token,
    headers: { 'idempotency-key': randomId() },
  });
  expect(performance.now() - askedAtMs).toBeLessThan(5_000);
  expect([body.next, await takes()], JSON.stringify(body)).toEqual([expect.any(String), 0]);
  return { status, code: body.code, detail: body.detail as string };
};
describe('a start is refused within 5 s, with the reason and a next step, and leaves no take', () => {
  it.each([
    ['is away', async () => false],
    ['refuses', async () => Promise.reject(new Error('ECONNREFUSED'))],
    ['hangs', () => new Promise<never>(() => {})],
  ])('when LiveKit %s', async (_how, isHealthy) => {
    media.isHealthy = isHealthy;
    expect(await refusal()).toMatchObject({ status: 503, code: 'media-unavailable' });
  });

  it('when the folder of the recordings cannot be made, and is not in the way once it can', async () => {
    const recordings = join(folder, 'recordings');
    await rename(recordings, `${recordings}.away`);
    await writeFile(recordings, 'a file in its place');
    const refused = await refusal();
    expect(refused).toMatchObject({ status: 507, code: 'disk-failed' });
    expect(refused.detail).not.toContain(folder);
    await rm(recordings);
    await rename(`${recordings}.away`, recordings);
  });

  it('when ffmpeg has gone', async () => {
    await rename(ffmpegBin, `${ffmpegBin}.away`);
    expect(await refusal()).toMatchObject({ status: 503, code: 'recording-unavailable' });
    await rename(`${ffmpegBin}.away`, ffmpegBin);
  });

  it('when ffmpeg is no ffmpeg', async () => {
    const other = startConditions({ config: { recordingsDir: folder, ffmpegBin: '/bin/true' }, media });
    await expect(other()).rejects.toMatchObject({ code: 'recording-unavailable' });
  });
});

describe('the disk', () => {
  const conditions = (freeBytes: number) =>
    startConditions({ config: { recordingsDir: folder, ffmpegBin }, media, freeBytes: async () => freeBytes });

  it('with less than 1 GiB is too full, and says how much is missing', async () => {
    await expect(conditions(GIB / 2)()).rejects.toMatchObject({
      code: 'disk-full',
      detail: '512 MiB are free; a recording starts with 1024 MiB or more.',
    });
  });

  it('with 1 GiB is enough', async () => {
    await expect(conditions(GIB)()).resolves.toBeUndefined();
  });
});

it('what was mended is no reason any more: the conditions hold', async () => {
  const { recordingsDir } = app.config;
  await expect(startConditions({ config: { recordingsDir, ffmpegBin }, media })()).resolves.toBeUndefined();
});
