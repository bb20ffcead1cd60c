import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../server/platform/ids.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Bot } from '../support/bot.ts';
import { startBot } from '../support/bot.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import type { OwnPostgres } from '../support/own-postgres.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { until } from '../support/wait.ts';

const AWAY_SECONDS = 15;

let postgres: OwnPostgres;
let app: TestApp;
let host: TestHost;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  app = await startTestApp({ settings: { DATABASE_URL: postgres.url, LOG_LEVEL: 'fatal' } });
  host = await makeHost(app, 'Ada');
}, 60_000);
afterAll(async () => {
  await app.stop();
  await postgres.remove();
});

const order = async (method: string, path: string, body?: object) => {
  const headers = { 'idempotency-key': randomId() };
  return ask(app, method, `/api/v1${path}`, { token: host.token, headers, ...(body && { body }) });
};

const evening = async (): Promise<{ slug: string; liveSessionId: string; recording: RecordingView }> => {
  const room = await makeRoom(app, host, { policy: { recordingArmed: true } });
  const { body, status } = await order('POST', `/rooms/${room.slug}/recording/start`);
  expect([status, body.takes?.at(-1)?.state]).toEqual([201, 'capturing']);
  return { ...room, recording: body };
};

const speakerOf = async (slug: string): Promise<Bot> => {
  const link = await order('POST', `/rooms/${slug}/speak-links`, { label: 'Sam' });
  const secret = new URL(link.body.url).hash.replace('#speak=', '');
  const consent = { recorded: true, published: true, wording: 'May we record your voice?', language: 'en' };
  const { body } = await ask(app, 'POST', `/api/v1/rooms/${slug}/speak-links/redeem`, {
    body: { secret, name: 'Sam', consent },
  });
  const bot = await startBot({ mediaUrl: body.mediaUrl, token: body.mediaToken });
  await bot.publish();
  return bot;
};

const rowsOf = async (recordingId: string) => {
  const { prisma } = app.database;
  const takes = await prisma.take.findMany({ where: { recordingId }, orderBy: { ordinal: 'asc' } });
  return takes.map(({ id, state, stopReason, lengthSamples }) => ({
    id,
    state,
    stopReason,
    samples: Number(lengthSamples),
  }));
};

const journalOf = async (recordingId: string) => {
  const { takes } = await readTimeline(join(app.config.recordingsDir, recordingId));
  return takes.map(({ takeId: id, state, stopReason, lengthSamples }) => ({
    id,
    state,
    stopReason,
    samples: lengthSamples,
  }));
};

const follow = (recordingId: string) =>
  until(
    async () => {
      const [rows, journal] = [await rowsOf(recordingId), await journalOf(recordingId)];
      return JSON.stringify(rows) === JSON.stringify(journal) && rows;
    },
    { timeoutMs: 15_000, what: 'rows say what the journal says' },
  );

describe('Postgres goes away in the middle of a take', () => {
  it(`promise 20: for ${AWAY_SECONDS} s, and interrupts neither sound nor recording; afterwards the rows are what the journal says`, async () => {
    const { slug, recording } = await evening();
    const speaker = await speakerOf(slug);
    await until(async () => (await journalOf(recording.id))[0]!.samples > SAMPLE_RATE, {
      what: 'a second is captured',
    });
    await postgres.away();
    const awayAtMs = Date.now();
    const before = (await journalOf(recording.id))[0]!.samples;
    await until(() => Date.now() > awayAtMs + AWAY_SECONDS * 1000, { timeoutMs: 60_000 });
    const grown = (await journalOf(recording.id))[0]!.samples - before;
    expect(grown / SAMPLE_RATE).toBeGreaterThan(AWAY_SECONDS - 3);
    expect(speaker.disconnected()).toBeUndefined();
    await postgres.back();
    const stopped = await until(async () => {
      const answer = await order('POST', `/rooms/${slug}/recording/stop`);
      return answer.status === 200 && answer.body;
    });
    expect(stopped.takes[0]).toMatchObject({ state: 'closed', stopReason: 'stopped' });
    // `stalled`: a machine too busy to deliver sound in time
    expect(stopped.takes[0].gaps.filter(({ reason }: { reason: string }) => reason !== 'stalled')).toEqual([]);
    expect(await follow(recording.id)).toMatchObject([{ state: 'closed', stopReason: 'stopped' }]);
    await speaker.leave();
  }, 90_000);

  it('a stop reaches the capture at once, is answered, and is in the rows with its master when Postgres is back', async () => {
    const { slug, recording } = await evening();
    await postgres.away();
    const askedAtMs = performance.now();
    const answer = await order('POST', `/rooms/${slug}/recording/stop`);
    const tookMs = performance.now() - askedAtMs;
    console.log(`stop while Postgres is away: ${tookMs.toFixed(0)} ms`);
    expect([answer.status, answer.body.takes?.[0]?.state]).toEqual([200, 'closed']);
    expect(tookMs).toBeLessThan(2_000);
    expect((await journalOf(recording.id))[0]).toMatchObject({ state: 'closed', stopReason: 'stopped' });
    await postgres.back();
    await follow(recording.id);
    await until(async () => app.database.prisma.master.count({ where: { recordingId: recording.id } }));
  }, 60_000);

  it('a pause too: it can be resumed afterwards, and one master holds both takes', async () => {
    const { slug, recording } = await evening();
    await postgres.away();
    const answer = await order('POST', `/rooms/${slug}/recording/pause`);
    expect([answer.status, answer.body.paused]).toEqual([200, true]);
    await postgres.back();
    await follow(recording.id);
    expect((await order('POST', `/rooms/${slug}/recording/resume`)).status).toBe(201);
    const stopped = await order('POST', `/rooms/${slug}/recording/stop`);
    expect(stopped.body.takes.map(({ stopReason }: { stopReason: string }) => stopReason)).toEqual([
      'paused',
      'stopped',
    ]);
    expect(stopped.body.master.cut.length).toBe(2);
  }, 60_000);

  it('the end of the live session stops what runs, and closes the recording when Postgres is back', async () => {
    const { slug, recording } = await evening();
    await postgres.away();
    await order('POST', `/rooms/${slug}/live-session/end`);
    expect((await journalOf(recording.id))[0]).toMatchObject({ state: 'closed' });
    await postgres.back();
    await follow(recording.id);
    const { prisma } = app.database;
    await until(
      async () => (await prisma.recording.findUniqueOrThrow({ where: { id: recording.id } })).state === 'closed',
    );
  }, 60_000);
});
