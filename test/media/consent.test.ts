/** Who is in a recording and who is not, on the whole server: LiveKit, capture, replay, clip, master and rows. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import type { MasterView, RecordingView } from '../../server/recording/recording.schema.ts';
import type { ConsentAnswer, Ticket } from '../../server/room/ticket.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Bot } from '../support/bot.ts';
import { startBot } from '../support/bot.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { services } from '../support/services.ts';
import { decodeSound, onsetsOf, SAMPLE_RATE, toneDbfs, writeWav } from '../support/sound.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';

const ADA_HZ = 1000;
const CY_HZ = 2500;
const YES: ConsentAnswer = { recorded: true, published: true, wording: 'May we record you, Ada?', language: 'en' };
const NO: ConsentAnswer = { recorded: false, published: false, wording: 'Ti registriamo?', language: 'it' };

let app: TestApp;
let host: TestHost;
let folder: string;
const bots: Bot[] = [];

beforeAll(async () => {
  app = await startTestApp();
  host = await makeHost(app, 'Marta');
  folder = await mkdtemp(join(tmpdir(), 'loggia-consent-'));
});
afterAll(async () => {
  await Promise.all(bots.map((bot) => bot.leave().catch(() => {})));
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

const asHost = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const headers = { 'idempotency-key': randomId() };
  const answer = await ask(app, method, `/api/v1${path}`, { token: host.token, headers, body });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body as T;
};

const speakerIn = async (slug: string, name: string, consent?: ConsentAnswer): Promise<Ticket> => {
  const link = await asHost<{ url: string }>('POST', `/rooms/${slug}/speak-links`, { label: name });
  const secret = new URL(link.url).hash.replace('#speak=', '');
  const body = { secret, name, consent };
  return (await ask(app, 'POST', `/api/v1/rooms/${slug}/speak-links/redeem`, { body })).body as Ticket;
};

const enter = async ({ mediaUrl, mediaToken: token }: Ticket): Promise<Bot> => {
  const bot = await startBot({ mediaUrl, token });
  bots.push(bot);
  return bot;
};

/** Beeps at this pitch for so long, beginning at once; `done` when all is said. */
const talk = async (
  bot: Bot,
  hz: number,
  seconds: number,
  everySeconds = 0.25,
): Promise<{ done: Promise<unknown> }> => {
  const wav = join(folder, `${hz}-${seconds}-${everySeconds}.wav`);
  await writeWav(wav, beeps(hz, seconds, everySeconds));
  return { done: bot.talk(wav, Date.now() + 200, services().ffmpegBin) };
};

const readyRecording = (id: string) =>
  until(
    async () => {
      const view = await asHost<RecordingView>('GET', `/recordings/${id}`);
      return view.master?.state === 'ready' && view;
    },
    { timeoutMs: 60_000, everyMs: 200, what: 'the master is ready' },
  );

const SOUND = /\.(flac|mp3|m4a|ogg)$/;

/** Every sound file of a recording, decoded, by its name in the recording's folder. */
const soundsOf = async (id: string): Promise<Map<string, Int16Array>> => {
  const dir = join(app.config.recordingsDir, id);
  const names = (await readdir(dir, { recursive: true })).filter((name) => SOUND.test(name));
  const decoded = names.map(async (name) => [name, await decodeSound(join(dir, name), services().ffmpegBin)] as const);
  return new Map(await Promise.all(decoded));
};

/** All that is written about a recording in words. */
const wordsOf = async (id: string): Promise<string> => {
  const dir = join(app.config.recordingsDir, id);
  const names = (await readdir(dir, { recursive: true })).filter((name) => /\.(json|jsonl|vtt|log)$/.test(name));
  return (await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')))).join('\n') + names.join('\n');
};

const rawBytes = async (id: string): Promise<number> => {
  const dir = join(app.config.recordingsDir, id, 'raw');
  const files = await Promise.all((await readdir(dir).catch(() => [])).map((name) => readFile(join(dir, name))));
  return files.reduce((sum, { length }) => sum + length, 0);
};

it('promise 15, peers pain 31: each take begins and ends with a tone, nobody is in it without a consent row, and a declined voice is in no file', async () => {
  const { slug } = await makeRoom(app, host, { policy: { recordingArmed: true } });
  const [ada, cy] = [await speakerIn(slug, 'Ada', YES), await speakerIn(slug, 'Cy', NO)];
  const silent = await speakerIn(slug, 'Di');
  expect(silent).toMatchObject({ mayPublish: false, consentNeeded: true });
  const [adaBot, cyBot] = [await enter(ada), await enter(cy)];
  await adaBot.publish();
  await cyBot.publish();
  const talking = [await talk(adaBot, ADA_HZ, 9), await talk(cyBot, CY_HZ, 9)];
  const { id } = await asHost<RecordingView>('POST', `/rooms/${slug}/recording/start`);
  const view = await until(async () => {
    const known = await asHost<RecordingView>('GET', `/recordings/${id}`);
    return (known.takes[0]?.durationMs ?? 0) > 4_500 && known;
  });
  expect(view.takes[0]!.state).toBe('capturing');
  // Whoever declines is heard live all the same.
  expect((await adaBot.heard()).participants[cy.identity]!.dominantHz).toBe(CY_HZ);
  const clip = await asHost<MasterView>('POST', `/rooms/${slug}/recording/clips`, { lastMs: 2_000 });
  expect(clip).toMatchObject({ kind: 'clip', state: 'ready' });
  await asHost('POST', `/rooms/${slug}/recording/stop`);
  const replay = await ask(app, 'GET', `/api/v1/recordings/${id}/replay.mp3`, { token: host.token });
  expect(replay.status).toBe(200);
  const [take] = (await readyRecording(id)).takes;
  await Promise.all(talking.map(({ done }) => done));

  const sounds = await soundsOf(id);
  const kinds = [...sounds.keys()].map((name) => name.split('/')[0]);
  expect(new Set(kinds)).toEqual(new Set(['raw', 'replay', 'publish']));
  const mp3s = [...sounds.keys()].filter((name) => name.startsWith('publish/') && name.endsWith('.mp3'));
  expect(mp3s).toHaveLength(2);
  for (const [name, pcm] of sounds) {
    expect(toneDbfs(pcm, ADA_HZ), name).toBeGreaterThan(-45);
    expect(toneDbfs(pcm, CY_HZ), name).toBeLessThan(-75);
  }
  const words = await wordsOf(id);
  for (const secret of [cy.identity, cy.seatId!, 'Cy', silent.identity, silent.seatId!, '"Di"']) {
    expect(words).not.toContain(secret);
  }

  const master = [...sounds].find(([name]) => name.endsWith('master.flac'))![1];
  const [low, high] = [659.26, 880];
  const noteAt = (fromSeconds: number): number => {
    const at = fromSeconds < 0 ? master.length + fromSeconds * SAMPLE_RATE : fromSeconds * SAMPLE_RATE;
    const pcm = master.subarray(at + 1_000, at + 0.2 * SAMPLE_RATE - 1_000);
    return toneDbfs(pcm, low) > toneDbfs(pcm, high) ? low : high;
  };
  expect([noteAt(0), noteAt(0.2), noteAt(-0.4), noteAt(-0.2)]).toEqual([low, high, high, low]);

  const rows = await app.database.prisma.consent.findMany({ where: { seatId: ada.seatId! } });
  expect(rows).toMatchObject([{ recorded: true, wording: YES.wording, language: YES.language }]);
  expect(take!.tracks.map(({ speaker }) => speaker)).toEqual(['Ada']);
  expect(take!.consents).toMatchObject([
    { speaker: 'Ada', published: true, wording: YES.wording, language: YES.language },
  ]);
  await asHost('POST', `/rooms/${slug}/live-session/end`);
}, 120_000);

it('promise 13: nothing is recorded outside red-light intervals: no byte before the start, none in a pause, none after the stop', async () => {
  const { slug } = await makeRoom(app, host, { policy: { recordingArmed: true } });
  const bot = await enter(await speakerIn(slug, 'Ada', YES));
  await bot.publish();
  const light = () => bot.recordings.at(-1)!.on;
  const startedAt = Date.now();
  const talking = await talk(bot, ADA_HZ, 14, 0.5);
  const passed = (seconds: number) => until(() => Date.now() - startedAt > seconds * 1000, { timeoutMs: 20_000 });
  await passed(2);
  const { recordingsDir } = app.config;
  const rows = await app.database.prisma.recording.findMany({ select: { id: true } });
  const known = new Set(rows.map(({ id }) => id));
  // The capture of an armed room is warm: its folder is there, and nothing in it.
  const warm = (await readdir(recordingsDir)).filter((name) => !known.has(name));
  expect(await Promise.all(warm.map(rawBytes))).toEqual([0]);
  expect(light()).toBe(false);

  const { id } = await asHost<RecordingView>('POST', `/rooms/${slug}/recording/start`);
  await passed(5);
  await asHost('POST', `/rooms/${slug}/recording/pause`);
  await until(() => !light());
  const paused = await rawBytes(id);
  await passed(8);
  expect(await rawBytes(id)).toBe(paused);
  await asHost('POST', `/rooms/${slug}/recording/resume`);
  await passed(11);
  await asHost('POST', `/rooms/${slug}/recording/stop`);
  await until(() => !light());
  const stopped = await rawBytes(id);
  await talking.done;
  expect(await rawBytes(id)).toBe(stopped);

  const { takes } = await asHost<RecordingView>('GET', `/recordings/${id}`);
  expect(takes.map(({ stopReason }) => stopReason)).toEqual(['paused', 'stopped']);
  const beepAtMs: number[] = [];
  for (const take of takes) {
    const intervalMs = Date.parse(take.stoppedAt!) - Date.parse(take.startedAt!);
    for (const { file, offsetMs, durationMs } of take.tracks) {
      expect(offsetMs + durationMs).toBeLessThanOrEqual(intervalMs + 20);
      const pcm = await decodeSound(join(recordingsDir, id, file), services().ffmpegBin);
      for (const at of onsetsOf(pcm, ADA_HZ)) beepAtMs.push(Date.parse(take.startedAt!) + offsetMs + at * 1000);
    }
  }
  const lit = bot.recordings.filter(({ atEpochMs }) => atEpochMs > startedAt);
  expect(lit.map(({ on }) => on)).toEqual([true, false, true, false]);
  const [on1, off1, on2, off2] = lit.map(({ atEpochMs }) => atEpochMs) as [number, number, number, number];
  // Signalling reaches a participant a moment after the recorder has joined or left.
  const slackMs = 400;
  const inLight = (at: number) =>
    (at > on1 - slackMs && at < off1 + slackMs) || (at > on2 - slackMs && at < off2 + slackMs);
  expect(beepAtMs.length).toBeGreaterThanOrEqual(8);
  expect(beepAtMs.filter((at) => !inLight(at))).toEqual([]);
  await asHost('POST', `/rooms/${slug}/live-session/end`);
}, 120_000);
