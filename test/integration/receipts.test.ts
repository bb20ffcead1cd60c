import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import { createLog } from '../../server/platform/log.ts';
import { openJournal } from '../../server/recording/capture/journal.ts';
import { JOURNAL_FILE } from '../../server/recording/capture/measure-tracks.ts';
import type { EpisodeView } from '../../server/publication/episode.schema.ts';
import type { ReceiptTracksView, ReceiptView } from '../../server/recording/receipt.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Evening, Speaker } from '../support/evening-on-disk.ts';
import { evening, HZ, made, secretOf, YES } from '../support/evening-on-disk.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { Answer, TestHost } from '../support/hosts.ts';
import { ask, makeHost } from '../support/hosts.ts';
import { services } from '../support/services.ts';
import { decodeSound, toneDbfs } from '../support/sound.ts';
import { until } from '../support/wait.ts';

const logged: string[] = [];
const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } });
let app: TestApp;
let host: TestHost;
let folder: string;

beforeAll(async () => {
  app = await startTestApp({ deps: { media: fakeMedia(), log }, settings: { TICKET_BURST: '1000' } });
  host = await makeHost(app, 'Marta');
  folder = await mkdtemp(join(tmpdir(), 'loggia-receipts-'));
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const post = (path: string, body: object, on = app): Promise<Answer> =>
  ask(on, 'POST', `/api/v1/receipts/${path}`, { body });
const withdraw = async (secret: string, erase = false): Promise<ReceiptView> => {
  const { status, body } = await post('withdraw', { secret, erase });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as ReceiptView;
};
const read = async (secret: string, on = app): Promise<ReceiptView> =>
  (await post('read', { secret }, on)).body as ReceiptView;

type By = { app?: TestApp; host?: TestHost; masterId?: string };
const publish = async ({ recordingId }: Evening, title: string, by: By = {}): Promise<EpisodeView> => {
  const headers = { 'idempotency-key': randomId() };
  const order = { token: (by.host ?? host).token, headers, body: { title, masterId: by.masterId } };
  return (await ask(by.app ?? app, 'POST', `/api/v1/recordings/${recordingId}/episodes`, order)).body as EpisodeView;
};
const episode = async ({ slug }: EpisodeView, on = app): Promise<EpisodeView> =>
  (await ask(on, 'GET', `/api/v1/episodes/${slug}`)).body as EpisodeView;

let files = 0;
/** How loud each of the two is in what an address serves, in dBFS. */
const voicesAt = async (url: string): Promise<Record<Speaker, number>> => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const file = join(folder, `heard-${files++}`);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  const pcm = await decodeSound(file, services().ffmpegBin);
  return { Ada: toneDbfs(pcm, HZ.Ada), Bo: toneDbfs(pcm, HZ.Bo) };
};
const AUDIBLE_DBFS = -40;
const SILENT_DBFS = -80;

/** Every sound file of a recording in which somebody can be heard, by its name. */
const filesWith = async ({ dir }: Evening, speaker: Speaker): Promise<string[]> => {
  const names = (await readdir(dir, { recursive: true })).filter((name) => /\.(flac|mp3|m4a|ogg)$/.test(name));
  const loud = names.map(async (name) => {
    const pcm = await decodeSound(join(dir, name), services().ffmpegBin);
    return toneDbfs(pcm, HZ[speaker]) > SILENT_DBFS ? [name] : [];
  });
  return (await Promise.all(loud)).flat();
};
const done = (secret: string, on = app) =>
  until(async () => (await read(secret, on)).withdrawal?.done, { timeoutMs: 60_000, what: 'the withdrawal is done' });

describe('a receipt', () => {
  it('tells what was answered and what is kept; every receipt of a seat tells the same, and nobody else', async () => {
    const { slug, visits, secrets } = await evening(app, host, { over: false });
    const answer = { ...YES, published: false };
    const path = `/api/v1/rooms/${slug}/consent`;
    const second = (await ask(app, 'POST', path, { visit: visits.Bo, body: answer })).body;
    const told = await read(secrets.Bo);
    expect(told).toMatchObject({
      ...{ speaker: 'Bo', hostName: 'Marta', withdrawal: null, episodes: [] },
      answers: [YES, answer],
      takes: [{ ordinal: 1, durationMs: 3000, published: true }],
    });
    expect(await read(secretOf(second))).toEqual(told);
    expect(JSON.stringify(told)).not.toContain('Ada');
  });

  it('that nobody was given opens nothing, in no route', async () => {
    for (const path of ['read', 'withdraw', 'tracks']) {
      const { status, body } = await post(path, { secret: 'x'.repeat(43), erase: false });
      expect([status, body.code]).toEqual([404, 'receipt-unknown']);
    }
    expect((await ask(app, 'GET', '/api/v1/receipts/tracks/r1.zzzzzzzz.rec.cmF3.x')).body.code).toBe('receipt-unknown');
  });

  it('is tried as seldom as tickets are taken', async () => {
    const strict = await startTestApp({ deps: { media: fakeMedia() }, settings: { TICKET_BURST: '3' } });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) {
      const body = { secret: 'x'.repeat(43) };
      statuses.push((await ask(strict, 'POST', '/api/v1/receipts/read', { body })).status);
    }
    expect(statuses).toEqual([404, 404, 404, 429, 429]);
    await strict.stop();
  });

  it('fetches the own voice and nobody else’s, as a file to keep, for a minute', async () => {
    const { secrets } = await evening(app, host);
    const { body, headers } = await post('tracks', { secret: secrets.Bo });
    expect(headers['cache-control']).toBe('no-store');
    const { tracks } = body as ReceiptTracksView;
    expect(tracks).toMatchObject([{ ordinal: 1, durationMs: 3000 }]);
    const response = await fetch(tracks[0]!.url);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="my-voice.flac"');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const heard = await voicesAt(tracks[0]!.url);
    expect(heard.Bo).toBeGreaterThan(AUDIBLE_DBFS);
    expect(heard.Ada).toBeLessThan(SILENT_DBFS);
  });

  it('fetches what a capture that died has left, too', async () => {
    const { secrets, dir } = await evening(app, host);
    const journal = join(dir, JOURNAL_FILE);
    const lines = (await readFile(journal, 'utf8')).split('\n');
    await writeFile(journal, lines.filter((line) => !line.includes('"takeStopped"')).join('\n'));
    const { tracks } = (await post('tracks', { secret: secrets.Bo })).body as ReceiptTracksView;
    expect(tracks).toMatchObject([{ ordinal: 1, durationMs: 3000 }]);
  });
});

it('of an address only so many downloads of an own voice run at once', async () => {
  const { secrets } = await evening(app, host);
  const [track] = ((await post('tracks', { secret: secrets.Bo })).body as ReceiptTracksView).tracks;
  const url = new URL(track!.url).pathname;
  const all = await Promise.all(Array.from({ length: 20 }, () => app.app.inject({ method: 'GET', url })));
  const statuses = Map.groupBy(all, ({ statusCode }) => statusCode);
  expect([...statuses.keys()].toSorted()).toEqual([200, 429]);
  expect((await app.app.inject({ method: 'GET', url })).statusCode).toBe(200);
});

describe('taking a voice back', () => {
  it('silences it at once everywhere; the same episode comes back without it, under the same address and GUID', async () => {
    const one = await evening(app, host);
    await made(app, host, one.recordingId);
    const before = await publish(one, 'Before');
    expect(before.speakers).toEqual(['Ada', 'Bo']);
    const { Ada, Bo } = await voicesAt(before.renditions[0]!.url);
    expect([Ada > AUDIBLE_DBFS, Bo > AUDIBLE_DBFS]).toEqual([true, true]);
    expect((await read(one.secrets.Bo)).episodes).toEqual([{ title: 'Before', url: before.url }]);

    const told = await withdraw(one.secrets.Bo);
    expect(told).toMatchObject({ withdrawal: { erased: false }, episodes: [], takes: [{ published: false }] });
    expect((await episode(before)).speakers).toEqual(['Ada']);
    for (const url of [...before.renditions.map((rendition) => rendition.url), before.peaksUrl!]) {
      const response = await fetch(url);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '120']);
    }
    await done(one.secrets.Bo);
    const after = await episode(before);
    expect(after).toMatchObject({ guid: before.guid, url: before.url, speakers: ['Ada'], state: 'published' });
    expect(after.durationMs).toBe(before.durationMs);
    for (const { url } of after.renditions) {
      const heard = await voicesAt(url);
      expect(heard.Ada).toBeGreaterThan(AUDIBLE_DBFS);
      expect(heard.Bo).toBeLessThan(SILENT_DBFS);
    }
    expect(await filesWith(one, 'Bo')).toEqual([`raw/${one.recordingId}-1-TR_1-1.flac`]);
    expect((await read(one.secrets.Ada)).episodes).toHaveLength(1);
  }, 90_000);

  it('and deleting it leaves no file in which it can be heard', async () => {
    const one = await evening(app, host);
    await made(app, host, one.recordingId);
    const told = await withdraw(one.secrets.Bo, true);
    expect(told).toMatchObject({ takes: [], withdrawal: { erased: true } });
    expect(await filesWith(one, 'Bo')).toEqual([]);
    expect((await post('tracks', { secret: one.secrets.Bo })).body).toEqual({ tracks: [] });
    await done(one.secrets.Bo);
    expect(await filesWith(one, 'Bo')).toEqual([]);
    expect((await filesWith(one, 'Ada')).length).toBeGreaterThan(1);
  }, 90_000);

  it('makes a cut again as it was, and takes down what plays a clip', async () => {
    const one = await evening(app, host);
    await made(app, host, one.recordingId);
    const cut = [{ takeId: `${one.recordingId}-1`, fromMs: 500, toMs: 1500 }];
    const part = await made(app, host, one.recordingId, { cut, title: 'A part' });
    const clip = await made(app, host, one.recordingId, { cut, title: 'A clip' });
    await app.database.prisma.master.update({ where: { id: clip.id }, data: { kind: 'clip' } });
    const [played, clipped] = [
      await publish(one, 'Part', { masterId: part.id }),
      await publish(one, 'Clip', { masterId: clip.id }),
    ];
    await withdraw(one.secrets.Bo);
    await done(one.secrets.Bo);
    expect((await episode(played)).durationMs).toBe(1000);
    expect((await ask(app, 'GET', `/api/v1/episodes/${clipped.slug}`)).body.code).toBe('episode-gone');
    const { masters } = (await ask(app, 'GET', `/api/v1/recordings/${one.recordingId}`, { token: host.token })).body;
    expect(masters).toMatchObject([{ kind: 'cut', title: 'A part', cut, state: 'ready' }]);
  }, 90_000);

  it('asked for twenty times at once happens once, and says so in one line without a name or a secret', async () => {
    const one = await evening(app, host);
    await Promise.all(Array.from({ length: 20 }, () => withdraw(one.secrets.Bo)));
    await withdraw(one.secrets.Bo);
    const { prisma } = app.database;
    const rows = await prisma.consent.findMany({ where: { seatId: one.seatIds.Bo }, orderBy: { at: 'asc' } });
    expect(rows.map(({ recorded, published }) => [recorded, published])).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(rows[1]).toMatchObject({ wording: 'Withdrawn with the personal receipt.', language: 'en' });
    const journal = await readFile(join(one.dir, 'events.jsonl'), 'utf8');
    expect(journal.match(/"withdrawn"/g)).toHaveLength(1);
    const lines = logged.filter((line) => line.includes('voice withdrawn') && line.includes(one.seatIds.Bo));
    expect(lines).toHaveLength(1);
    for (const secret of [one.secrets.Bo, 'Bo', one.secrets.Ada]) expect(lines[0]).not.toContain(`"${secret}"`);
    expect(logged.join('')).not.toContain(one.secrets.Bo);
  }, 60_000);

  it('is in force on the stage: not recorded from now on, for everybody to see; a later yes can be taken back again', async () => {
    const one = await evening(app, host, { over: false });
    const words = { wording: 'Togli la mia voce', language: 'it' };
    await post('withdraw', { secret: one.secrets.Bo, erase: false, ...words });
    const body = YES;
    const again = await ask(app, 'POST', `/api/v1/rooms/${one.slug}/consent`, { visit: one.visits.Bo, body });
    const secret = secretOf(again.body);
    const told = await withdraw(secret);
    expect(told.answers.map(({ recorded }) => recorded)).toEqual([true, false, true, false]);
    expect(told.answers[1]).toMatchObject(words);
    expect((await read(one.secrets.Bo)).answers).toHaveLength(4);
  }, 60_000);
});

describe('a server that dies while a voice is taken back', () => {
  const asked = (one: Evening) => ({
    ...{ id: crypto.randomUUID(), seatId: one.seatIds.Bo, erase: true, wording: 'Delete my voice', language: 'en' },
    askedAt: new Date(),
  });
  /** What it had done, step by step; each row of the table stops one step later. */
  const steps: [string, (one: Evening, id: string, on: TestApp) => Promise<unknown>][] = [
    ['noted what is wanted', async () => undefined],
    [
      'written the journal',
      async (one) => {
        const journal = await openJournal(join(one.dir, 'events.jsonl'));
        await journal.append({ type: 'withdrawn', atMs: Date.now(), seatId: one.seatIds.Bo, erased: true });
        await journal.close();
      },
    ],
    [
      'noted that the journal is written',
      (_, id, { database }) => database.prisma.withdrawal.update({ where: { id }, data: { journaledAt: new Date() } }),
    ],
    [
      'withdrawn the masters',
      ({ recordingId }, _, { database }) =>
        database.prisma.master.updateMany({ where: { recordingId }, data: { state: 'withdrawn' } }),
    ],
    ['deleted their files', ({ dir }) => rm(join(dir, 'publish'), { recursive: true })],
  ];

  it.each(steps.map(([name], index) => [name, index] as const))(
    'after it had %s is finished by the next, before its doors open',
    async (_, last) => {
      const dying = await startTestApp({ deps: { media: fakeMedia() } });
      const marta = await makeHost(dying, 'Marta');
      const one = await evening(dying, marta);
      await made(dying, marta, one.recordingId);
      const before = await publish(one, 'An evening', { app: dying, host: marta });
      await dying.app.close();
      const { database, config } = dying;
      const withdrawal = asked(one);
      await database.prisma.withdrawal.create({ data: withdrawal });
      for (const [, step] of steps.slice(0, last + 1)) await step(one, withdrawal.id, dying);

      const { admissionSecret, databaseUrl, recordingsDir } = config;
      const settings = { ADMISSION_SECRET: admissionSecret, DATABASE_URL: databaseUrl, RECORDINGS_DIR: recordingsDir };
      const next = await startTestApp({ deps: { media: fakeMedia(), database }, settings });
      expect(await filesWith(one, 'Bo')).toEqual([]);
      await done(one.secrets.Bo, next);
      expect(await filesWith(one, 'Bo')).toEqual([]);
      const url = (await episode(before, next)).renditions[0]!.url.replace(config.publicUrl, next.baseUrl);
      const heard = await voicesAt(url);
      expect(heard.Ada).toBeGreaterThan(AUDIBLE_DBFS);
      expect(heard.Bo).toBeLessThan(SILENT_DBFS);
      const rows = await database.prisma.consent.findMany({ where: { seatId: one.seatIds.Bo } });
      expect(rows.filter(({ recorded }) => !recorded)).toHaveLength(last < 2 ? 1 : 0);
      await next.app.close();
      await dying.stop();
    },
    90_000,
  );
});
