import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST_FILE, ManifestSchema } from '../../server/recording/manifest.ts';
import type { RecordingView } from '../../server/recording/recording.schema.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { RecordingLight } from '../../server/stage/stage.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import { eventClient } from '../support/event-client.ts';
import { fakeMedia } from '../support/fake-media.ts';
import type { TestHost } from '../support/hosts.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import { services } from '../support/services.ts';
import { beeps } from '../support/voices.ts';
import { until } from '../support/wait.ts';
import type { WrittenTake } from '../support/written-recording.ts';
import { writtenRecording } from '../support/written-recording.ts';

type Session = 'live' | 'ended';
type Case = { name: string; session: Session; take: WrittenTake; becomes: string; masters: number; trouble?: string };

const SECONDS = 2;
const pcm = beeps(1000, SECONDS);

const CASES: Case[] = [
  {
    name: 'starting, nothing in the journal',
    ...{ session: 'ended', take: { row: { state: 'starting' }, journal: undefined }, becomes: 'lost', masters: 0 },
  },
  {
    name: 'starting, although the capture had begun',
    ...{
      session: 'ended',
      take: { row: { state: 'starting' }, journal: { pcm } },
      becomes: 'closed recovered',
      masters: 1,
    },
  },
  {
    name: 'capturing, the capture is dead',
    ...{
      session: 'ended',
      take: { row: { state: 'capturing' }, journal: { pcm } },
      becomes: 'closed recovered',
      masters: 1,
    },
  },
  {
    name: 'capturing, the room ended meanwhile',
    session: 'ended',
    take: { row: { state: 'capturing' }, journal: { pcm, stopped: 'roomEnded' } },
    ...{ becomes: 'closed roomEnded', masters: 1 },
  },
  {
    name: 'capturing in a live room, the disk was full meanwhile',
    session: 'live',
    take: { row: { state: 'capturing' }, journal: { pcm, stopped: 'diskLow' } },
    ...{ becomes: 'closed diskLow', masters: 1, trouble: 'disk-full' },
  },
  {
    name: 'closing, the capture is dead',
    session: 'live',
    take: { row: { state: 'closing', stopReason: 'stopped' }, journal: { pcm } },
    ...{ becomes: 'closed stopped', masters: 1 },
  },
  {
    name: 'closing for a pause, the capture is dead',
    session: 'live',
    take: { row: { state: 'closing', stopReason: 'paused' }, journal: { pcm } },
    ...{ becomes: 'closed paused', masters: 0 },
  },
  {
    name: 'closing, stopped in the journal',
    session: 'live',
    take: { row: { state: 'closing', stopReason: 'stopped' }, journal: { pcm, stopped: 'stopped' } },
    ...{ becomes: 'closed stopped', masters: 1 },
  },
  {
    name: 'closed without its master',
    session: 'live',
    take: { row: { state: 'closed', stopReason: 'stopped' }, journal: { pcm, stopped: 'stopped' } },
    ...{ becomes: 'closed stopped', masters: 1 },
  },
  {
    name: 'paused in a live room',
    session: 'live',
    take: { row: { state: 'closed', stopReason: 'paused' }, journal: { pcm, stopped: 'paused' } },
    ...{ becomes: 'closed paused', masters: 0 },
  },
  {
    name: 'paused in a room that has ended',
    session: 'ended',
    take: { row: { state: 'closed', stopReason: 'paused' }, journal: { pcm, stopped: 'paused' } },
    ...{ becomes: 'closed paused', masters: 1 },
  },
  {
    name: 'given up as lost, with something in the journal after all',
    ...{
      session: 'ended',
      take: { row: { state: 'lost' }, journal: { pcm } },
      becomes: 'closed recovered',
      masters: 1,
    },
  },
  {
    name: 'lost, and nothing in the journal',
    ...{ session: 'ended', take: { row: { state: 'lost' }, journal: undefined }, becomes: 'lost', masters: 0 },
  },
];

const media = fakeMedia();
let before: TestApp;
let app: TestApp;
let host: TestHost;
const written = new Map<string, { id: string; slug: string }>();

beforeAll(async () => {
  before = await startTestApp({ deps: { media }, settings: { LOG_LEVEL: 'fatal' } });
  host = await makeHost(before, 'Ada');
  for (const { name, session, take } of CASES) {
    const { slug, liveSessionId } = await makeRoom(before, host);
    const { id } = await writtenRecording(before, services().ffmpegBin, liveSessionId, [take]);
    const state = { state: session, endedAt: session === 'ended' ? new Date() : null };
    await before.database.prisma.liveSession.update({ where: { id: liveSessionId }, data: state });
    written.set(name, { id, slug });
  }
  const { databaseUrl, recordingsDir } = before.config;
  app = await startTestApp({
    deps: { media, database: before.database },
    settings: { LOG_LEVEL: 'fatal', DATABASE_URL: databaseUrl, RECORDINGS_DIR: recordingsDir },
  });
}, 60_000);
afterAll(async () => {
  await app.stop();
  await before.stop();
});

const read = async (name: string): Promise<RecordingView> =>
  (await ask(app, 'GET', `/api/v1/recordings/${written.get(name)!.id}`, { token: host.token })).body;

const stateOf = ({ takes: [take] }: RecordingView): string => [take!.state, take!.stopReason].filter(Boolean).join(' ');

describe('pain 12: a server that starts finds a recording', () => {
  it.each(CASES)('$name: it becomes $becomes, with $masters masters', async ({ name, becomes, masters, session }) => {
    const { id } = written.get(name)!;
    const state = session === 'ended' ? 'closed' : 'open';
    const found = await until(
      async () => {
        const view = await read(name);
        const settled = stateOf(view) === becomes && view.state === state && (masters === 0 || view.master);
        return settled && view;
      },
      { what: `${name} is in order`, timeoutMs: 15_000 },
    );
    expect(await app.database.prisma.master.count({ where: { recordingId: id } })).toBe(masters);
    expect(found.paused).toBe(becomes === 'closed paused' && session === 'live');
    const [take] = found.takes;
    if (becomes === 'lost') expect(take!.problem).toMatchObject({ code: 'capture-lost', next: expect.any(String) });
    else expect(take!.durationMs).toBe(SECONDS * 1000);
  });

  it('and says in the light of a live room why it ended, or that it is paused', async () => {
    const lightIn = async (name: string): Promise<RecordingLight> => {
      const ticket = await ask(app, 'POST', `/api/v1/rooms/${written.get(name)!.slug}/tickets`, { body: {} });
      const client = await eventClient(ticket.body);
      client.close();
      return client.view().recording;
    };
    expect(await lightIn('paused in a live room')).toMatchObject({ state: 'off', paused: true, trouble: null });
    const full = await lightIn('capturing in a live room, the disk was full meanwhile');
    expect(full).toMatchObject({ state: 'off', paused: false, trouble: 'disk-full' });
  });

  it('and builds the replay that the crash left undone, which then can be heard', async () => {
    const { id } = written.get('capturing, the capture is dead')!;
    const { replay } = await until(
      async () => {
        const view = await read('capturing, the capture is dead');
        return ['ready', 'master'].includes(view.replay.state) && view;
      },
      { timeoutMs: 30_000, what: 'the replay is built' },
    );
    expect(Math.abs(replay.durationMs - SECONDS * 1000)).toBeLessThanOrEqual(50);
    const heard = await app.app.inject({
      url: `/api/v1/recordings/${id}/replay.mp3`,
      headers: { authorization: `Bearer ${host.token}` },
    });
    expect([heard.statusCode, heard.headers['content-type']]).toEqual([200, 'audio/mpeg']);
  });

  it('and its folder says by itself what it is', async () => {
    const { id, slug } = written.get('capturing, the capture is dead')!;
    const manifest = await until(async () => {
      const text = await readFile(join(app.config.recordingsDir, id, MANIFEST_FILE), 'utf8').catch(() => undefined);
      const parsed = text === undefined ? undefined : ManifestSchema.parse(JSON.parse(text));
      return parsed?.takes[0]?.state === 'closed' && parsed;
    });
    expect(manifest).toMatchObject({ recordingId: id, room: { slug }, journal: 'events.jsonl' });
    expect(manifest.takes[0]).toMatchObject({
      stopReason: 'recovered',
      lengthSamples: SECONDS * SAMPLE_RATE,
      files: [{ speaker: 'Ada', offsetSamples: 0, lengthSamples: SECONDS * SAMPLE_RATE, published: true }],
    });
  });
});
