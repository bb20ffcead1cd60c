import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import { MANIFEST_FILE } from '../../server/recording/manifest.ts';
import type { Manifest } from '../../server/recording/manifest.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { CapturedTake } from '../support/captured-folder.ts';
import { samplesOf, writeCapturedFolder } from '../support/captured-folder.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { services } from '../support/services.ts';
import { decodeSound, onsetsOf } from '../support/sound.ts';
import { ADA, BO, beeps, speak } from '../support/voices.ts';
import { until } from '../support/wait.ts';

type Outcome = { code: number; answer: ReturnType<typeof JSON.parse>; problem: string };

const script = resolve(import.meta.dirname, '../../scripts/admin.ts');

let app: TestApp;
let host: TestHost;
let room: string;
let folder: string;

// Every command is a process of its own, and some wait for a render.
vi.setConfig({ testTimeout: 90_000 });

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia() } });
  host = await makeHost(app, 'Ada');
  room = (await makeRoom(app, host, { live: false })).slug;
  folder = await mkdtemp(join(tmpdir(), 'loggia-admin-'));
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const admin = (...args: string[]): Promise<Outcome> => {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: app.config.databaseUrl,
    DATA_DIR: folder,
    RECORDINGS_DIR: app.config.recordingsDir,
    FFMPEG_BIN: services().ffmpegBin,
  };
  execFile(process.execPath, [script, 'recording', ...args], { env }, (error, out, problem) =>
    done({ code: error ? Number(error.code) : 0, answer: out ? JSON.parse(out) : undefined, problem }),
  );
  return promise;
};

/** Two takes of Ada and Bo; Bo comes a second late and has a gap. */
const EVENING: CapturedTake[] = [
  {
    tracks: [
      { speaker: 'Ada', pcm: speak(ADA, 4) },
      {
        ...{ speaker: 'Bo', pcm: beeps(1000, 3), offsetSamples: samplesOf(1), published: false },
        gaps: [{ fromSample: samplesOf(2), toSample: samplesOf(2.5), reason: 'stalled' }],
      },
    ],
    marks: [{ atSample: samplesOf(1.5), label: 'good part starts' }],
  },
  { tracks: [{ speaker: 'Bo', pcm: speak(BO, 2) }] },
];

const dirOf = (id: string): string => join(app.config.recordingsDir, id);

const folderOf = async (takes: CapturedTake[]): Promise<string> => {
  const id = randomId();
  await writeCapturedFolder(dirOf(id), takes);
  return id;
};

/** A folder with its rows. */
const recordingOf = async (takes: CapturedTake[]): Promise<string> => {
  const id = await folderOf(takes);
  expect(await admin('recover', id, '--room', room)).toMatchObject({ code: 0 });
  return id;
};

describe('recording recover', () => {
  it('makes the rows of a folder that no row knows, and the running server renders it', async () => {
    const id = await folderOf(EVENING);
    expect((await admin('recover', id)).problem).toMatch('Say which room it belongs to');
    expect((await admin('recover', id, '--room', 'nowhere')).problem).toMatch('There is no room nowhere');
    const { answer } = await admin('recover', id, '--room', room);
    expect(answer).toEqual({ id, rows: 'made', takesClosed: [1, 2], master: 'queued' });
    const master = await until(
      async () => {
        const { body } = await ask(app, 'GET', `/api/v1/recordings/${id}`, { token: host.token });
        return body.master?.state === 'ready' && body.master;
      },
      { timeoutMs: 60_000, what: 'the master is ready' },
    );
    expect(master.durationMs).toBe(6_000);
    const { body } = await ask(app, 'GET', `/api/v1/recordings/${id}`, { token: host.token });
    expect(body).toMatchObject({
      state: 'closed',
      roomSlug: room,
      takes: [{ durationMs: 4_000 }, { durationMs: 2_000 }],
    });
    expect((await admin('recover', id)).answer).toEqual({ id, rows: 'kept', takesClosed: [], master: 'is there' });
  });

  it('ends a take that was left running, with all that its killed capture had written', async () => {
    const id = await folderOf([{ tracks: [{ speaker: 'Ada', pcm: speak(ADA, 4) }], stopped: false }]);
    await admin('recover', id, '--room', room);
    await app.database.prisma.take.updateMany({ where: { recordingId: id }, data: { state: 'capturing' } });
    expect((await admin('verify', id)).answer.findings).toEqual([
      'take 1: its row says "capturing", though nothing captures it: recover it',
    ]);
    expect((await admin('recover', id)).answer).toMatchObject({ rows: 'kept', takesClosed: [1] });
    const { body } = await ask(app, 'GET', `/api/v1/recordings/${id}`, { token: host.token });
    expect(body.takes[0]).toMatchObject({ state: 'closed', durationMs: 4_000 });
  });

  it('knows the room of a folder from its manifest, and verify reads that too', async () => {
    const id = await folderOf(EVENING);
    const files = [
      { file: `raw/${id}-1-TR_0-1.flac`, speaker: 'Ada', published: true, offsetSamples: 0, lengthSamples: 7 },
    ];
    const take = { id: `${id}-1`, ordinal: 1, name: null, state: 'closed', stopReason: 'stopped', startedAt: null };
    const manifest: Manifest = {
      ...{ formatVersion: 1, recordingId: id, liveSessionId: 'gone', room: { slug: room, title: '' }, name: null },
      ...{ createdAt: new Date().toISOString(), journal: 'events.jsonl', sampleRate: 48_000 },
      takes: [{ ...take, lengthSamples: 7, replay: '', files }],
    };
    await writeFile(join(dirOf(id), MANIFEST_FILE), JSON.stringify(manifest));
    expect((await admin('verify', id)).problem).toMatch('manifest and journal disagree about its place or length');
    expect((await admin('recover', id)).answer).toMatchObject({ rows: 'made', takesClosed: [1, 2] });
  });

  it('leaves a recording alone whose live session is on', async () => {
    const { liveSessionId } = await makeRoom(app, host, { title: 'On air' });
    const id = await folderOf(EVENING);
    const rows = { id, liveSessionId, state: 'open', identity: `rec_${id}` };
    await app.database.prisma.recording.create({ data: rows });
    expect(await admin('recover', id)).toMatchObject({ code: 1, problem: expect.stringContaining('End it first') });
  });
});

describe('recording verify', () => {
  it('finds nothing wrong with what a capture has written, and tells of its gaps', async () => {
    const id = await recordingOf(EVENING);
    const { code, answer } = await admin('verify', id);
    expect([code, answer.ok, answer.findings]).toEqual([0, true, []]);
    expect(answer.notes).toEqual(['take 1: 1 gaps, 0.5 s in all']);
  });

  it('finds a flipped bit, a cut file, a changed journal, a missing and a strange file', async () => {
    const id = await recordingOf([
      { tracks: ['Ada', 'Bo', 'Cy', 'Di'].map((speaker) => ({ speaker, pcm: speak(ADA, 3) })) },
    ]);
    const raw = (index: number): string => join(dirOf(id), `raw/${id}-1-TR_${index}-1.flac`);
    const bytes = await readFile(raw(0));
    bytes[40_000]! ^= 1;
    await writeFile(raw(0), bytes);
    await truncate(raw(1), 50_000);
    await rm(raw(2));
    await writeFile(join(dirOf(id), 'raw/stranger.flac'), '');
    const journal = join(dirOf(id), 'events.jsonl');
    const file = await open(journal, 'r+');
    await file.write('X', 20);
    await file.close();
    const { code, answer, problem } = await admin('verify', id);
    expect(code).toBe(1);
    expect(answer.ok).toBe(false);
    expect(problem).toMatch(/line 1 fails its checksum/);
    // Without its first line the journal knows of no take, yet of every file
    expect(problem).toMatch(/TR_0-1\.flac: /);
    expect(problem).toMatch(/TR_1-1\.flac: 3\.0 s were written, \d\.\d s can be read/);
    expect(problem).toMatch(/TR_2-1\.flac: is missing/);
    expect(problem).toMatch(/stranger\.flac: no line of the journal names it/);
    expect(problem).not.toMatch(/TR_3/);
  });

  it('compares every finished file with its checksum', async () => {
    const id = await recordingOf([{ tracks: [{ speaker: 'Ada', pcm: speak(ADA, 2) }] }]);
    const renditions = await until(
      async () => {
        const rows = await app.database.prisma.rendition.findMany({ where: { master: { recordingId: id } } });
        return rows.length === 3 && rows;
      },
      { timeoutMs: 60_000, what: 'three renditions' },
    );
    expect((await admin('verify', id)).code).toBe(0);
    const mp3 = renditions.find(({ kind }) => kind === 'mp3')!.file;
    const bytes = await readFile(join(dirOf(id), mp3));
    bytes[1000]! ^= 0xff;
    await writeFile(join(dirOf(id), mp3), bytes);
    expect((await admin('verify', id)).answer.findings).toEqual([`${mp3}: its SHA-256 is another`]);

    // As a speaker leaves it who took their voice back
    await app.database.prisma.master.updateMany({ where: { recordingId: id }, data: { state: 'withdrawn' } });
    await rm(join(dirOf(id), 'publish'), { recursive: true });
    expect((await admin('verify', id)).answer.findings).toEqual([]);
  });
});

it('recording list shows rows and folders, also where one of them is missing', async () => {
  const [id, strange, gone] = [await recordingOf(EVENING), await folderOf(EVENING), randomId()];
  const { liveSessionId } = await makeRoom(app, host, { title: 'Gone' });
  const rows = { id: gone, liveSessionId, state: 'closed', identity: `rec_${gone}` };
  await app.database.prisma.recording.create({ data: rows });
  const { answer } = await admin('list');
  const listed = new Map(answer.recordings.map((one: { id: string }) => [one.id, one]));
  expect(listed.get(id)).toMatchObject({ room, state: 'closed', takes: 2, lengthMs: 6_000, folder: 'there' });
  expect(listed.get(strange)).toMatchObject({ room: null, state: 'no rows', takes: 2, bytes: expect.any(Number) });
  expect(listed.get(gone)).toMatchObject({ room: 'gone', takes: 0, folder: 'missing', bytes: 0 });
});

describe('recording export', () => {
  it('lays every voice on the zero of its take, to the sample, with labels and an honest page', async () => {
    const [id, to] = [await recordingOf(EVENING), join(folder, 'export')];
    const { answer } = await admin('export', id, '--to', to, '--wav');
    expect(answer.files).toEqual(['take-1/Ada.wav', 'take-1/Bo.wav', 'take-2/Bo.wav']);
    const decoded = await Promise.all(
      ['Ada', 'Bo'].map((name) => decodeSound(join(to, `take-1/${name}.wav`), services().ffmpegBin)),
    );
    expect(decoded.map(({ length }) => length)).toEqual([samplesOf(4), samplesOf(4)]);
    expect(decoded[0]).toEqual(speak(ADA, 4));
    expect(onsetsOf(decoded[1]!, 1000).map((at) => Math.round(at * 10) / 10)).toEqual([1, 2, 3]);
    expect(await readFile(join(to, 'take-1/labels.txt'), 'utf8')).toBe(
      '1.500000\t1.500000\tgood part starts\n2.000000\t2.500000\tgap: Bo (stalled)\n',
    );
    const readme = await readFile(join(to, 'README.md'), 'utf8');
    expect(readme).toMatch('`take-1/Bo.wav`: Bo, heard from sample 48000, **may not be published**');
    expect(JSON.parse(await readFile(join(to, 'timeline.json'), 'utf8')).takes.length).toBe(2);
    expect((await admin('export', id, '--to', to)).problem).toMatch('is not empty');
  });

  it('takes names of people as names of files only where they can be', async () => {
    const speakers = ['../../etc/passwd', 'Zoë & Co.', 'zoë & co'];
    const tracks = speakers.map((speaker, index) => ({ speaker, seatId: `seat-${index}`, pcm: speak(BO, 1) }));
    const [id, to] = [await recordingOf([{ tracks }]), join(folder, 'names')];
    await admin('export', id, '--to', to);
    const names = (await readdir(join(to, 'take-1'))).toSorted();
    expect(names).toEqual(['Zoë _ Co.flac', '_.._etc_passwd.flac', 'labels.txt', 'zoë _ co (2).flac'].toSorted());
  });
});
