import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../server/platform/clock.ts';
import { randomId, randomUuid } from '../../server/platform/ids.ts';
import { createLog } from '../../server/platform/log.ts';
import { sweeping } from '../../server/recording/sweeping.ts';
import { sweepStore } from '../../server/recording/sweeping.store.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { fakeMedia } from '../support/fake-media.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';

const HOUR = 3_600_000;
let app: TestApp;
let ada: TestHost;
let liveSessionId: string;
let recordingId: string;
let dir: string;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  ada = await makeHost(app, 'Ada');
  ({ liveSessionId } = await makeRoom(app, ada));
});
beforeEach(async () => {
  recordingId = await finishedRecording(app, liveSessionId);
  dir = join(app.config.recordingsDir, recordingId);
  await made('publish/a', 5);
});
afterAll(() => app.stop());

/** A folder with a file in it, last written so many hours ago. */
const made = async (name: string, hoursAgo: number): Promise<void> => {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, name, 'peaks.json'), '{}');
  const then = new Date(Date.now() - hoursAgo * HOUR);
  await utimes(join(dir, name), then, then);
};
const left = async (name: string): Promise<string> => {
  const then = new Date(Date.now() - 2 * HOUR);
  await mkdir(join(dir, 'work'), { recursive: true });
  await writeFile(join(dir, 'work', name), '');
  await utimes(join(dir, 'work', name), then, then);
  return name;
};
const sweep = () => {
  const log = createLog({ level: 'silent' }) as FastifyBaseLogger;
  const { recordingsDir } = app.config;
  return sweeping({ sweep: sweepStore(app.database.prisma), recordingsDir, clock: systemClock, log }).sweepAll();
};
const inFolder = async (name: string): Promise<string[]> => (await readdir(join(dir, name))).toSorted();
const addMaster = (state: string, folder: string, readyAt = new Date(Date.now() - 2 * HOUR)) =>
  app.database.prisma.master.create({
    data: {
      ...{
        id: randomUuid(),
        recordingId,
        state,
        cut: [],
        peaksFile: `${folder}/peaks.json`,
        readyAt,
        queuedAt: new Date(0),
      },
      renditions: {
        create: {
          id: randomId(),
          kind: 'mp3',
          mediaType: 'audio/mpeg',
          file: `${folder}/e.mp3`,
          bytes: 1n,
          durationMs: 1,
          sha256: '',
        },
      },
    },
  });

it('a published folder that no master names goes, one that is named or young stays', async () => {
  await made('publish/orphan', 2);
  await made('publish/young', 0.5);
  await sweep();
  expect(await inFolder('publish')).toEqual(['a', 'young']);
});

it('what was superseded goes an hour later, unless an episode was ever made of it', async () => {
  const old = await addMaster('superseded', 'publish/old');
  await addMaster('superseded', 'publish/older');
  await made('publish/old', 9);
  await made('publish/older', 9);
  await sweep();
  expect(await inFolder('publish')).toEqual(['a', 'old', 'older']);

  const publish = await ask(app, 'POST', `/api/v1/recordings/${recordingId}/episodes`, {
    token: ada.token,
    headers: { 'idempotency-key': randomId() },
    body: { title: 'Kept' },
  });
  await app.database.prisma.episode.update({ where: { slug: publish.body.slug }, data: { masterId: old.id } });
  const newest = { where: { recordingId, state: 'ready' }, data: { readyAt: new Date(Date.now() - 2 * HOUR) } };
  await app.database.prisma.master.updateMany(newest);
  await sweep();
  expect(await inFolder('publish')).toEqual(['a', 'old']);
  const audio = await ask(app, 'GET', `/api/v1/recordings/${recordingId}/audio/mp3`, { token: ada.token });
  expect(audio.status).toBe(200);
});

it('what renders left in work goes when none may go on, and nothing of a render that runs', async () => {
  const masterId = (await addMaster('rendering', 'publish/none')).id;
  const stages = [await left('line-0-abc.flac'), await left('line-0-abc.note.json')];
  await made(`work/${masterId}-1`, 2);
  await sweep();
  expect(await inFolder('work')).toEqual([...stages, `${masterId}-1`].toSorted());

  const become = (state: string) => app.database.prisma.master.update({ where: { id: masterId }, data: { state } });
  await become('cancelled');
  await sweep();
  expect(await inFolder('work')).toEqual(stages);

  await become('superseded');
  await sweep();
  expect(await inFolder('work')).toEqual([]);
});
