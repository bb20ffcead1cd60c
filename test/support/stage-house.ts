/** Rooms and stage over real HTTP, sockets and Postgres, with a media plane and a clock in the test's own hands. */
import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/services/ports.ts';
import type { Environment } from '../../server/config.ts';
import { loadConfig } from '../../server/config.ts';
import type { MediaParticipant } from '../../server/media/port.ts';
import { authorise } from '../../server/people/actor.ts';
import type { HostActor } from '../../server/people/actor.ts';
import { openDatabase } from '../../server/platform/db.ts';
import { createHttp } from '../../server/platform/http.ts';
import type { App } from '../../server/platform/http.ts';
import { createLog } from '../../server/platform/log.ts';
import { webApp } from '../../server/platform/static.ts';
import { roomChapter } from '../../server/room/chapter.ts';
import { liveRegistry } from '../../server/room/live-registry.ts';
import type { LiveEntry } from '../../server/room/live-registry.ts';
import type { RoomPolicy } from '../../server/room/room.schema.ts';
import type { ConsentAnswer, Ticket } from '../../server/room/ticket.schema.ts';
import { stageChapter } from '../../server/stage/chapter.ts';
import { createTestDatabase } from './database.ts';
import { fakeMedia } from './fake-media.ts';

export const yes: ConsentAnswer = { recorded: true, published: true, wording: 'Recorded? Published?', language: 'en' };
export const no: ConsentAnswer = { ...yes, recorded: false, published: false };

export type Answer<T> = { status: number; body: T & { code?: string } };

const secret = (): string => randomBytes(32).toString('hex');

const testConfig = async (databaseUrl: string, settings: Environment) => {
  const port = await freePort();
  return loadConfig({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: databaseUrl,
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: secret(),
    ADMISSION_SECRET: secret(),
    DATA_DIR: join(tmpdir(), 'loggia-stage-house'),
    RECORDINGS_DIR: join(tmpdir(), 'loggia-stage-house'),
    TICKET_BURST: '1000',
    ...settings,
  });
};

/** A participant as LiveKit lists one who is connected, with an open microphone when `open`. */
export const participant = (
  identity: string,
  { sid = `PA_${identity}`, open = true, connected = true }: { sid?: string; open?: boolean; connected?: boolean } = {},
): MediaParticipant => ({
  identity,
  sid,
  connected,
  hidden: false,
  recorder: false,
  agent: false,
  canPublish: true,
  canPublishData: false,
  canSubscribe: true,
  tracks: [{ sid: `TR_${identity}`, source: 'microphone', muted: !open }],
});

/** What the stage asked of the media plane, in order: `mute s_…`, `expel s_…`, `grant s_… true`. */
const listeningMedia = () => {
  const acts: string[] = [];
  const media = {
    ...fakeMedia(),
    mute: async (_liveSessionId: string, identity: string) => void acts.push(`mute ${identity}`),
    applyGrant: async ({ identity, mayPublish }: { identity: string; mayPublish: boolean }) =>
      void acts.push(`grant ${identity} ${mayPublish}`),
  };
  return { acts, media };
};

export type StageHouse = Awaited<ReturnType<typeof openStageHouse>>;

/** `settings` are environment variables. */
export const openStageHouse = async ({ settings = {} }: { settings?: Environment } = {}) => {
  const testDatabase = await createTestDatabase();
  const config = await testConfig(testDatabase.url, settings);
  const database = openDatabase(config.databaseUrl);
  const logged: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void logged.push(line) } });
  let nowMs = Date.parse('2026-01-01T12:00:00Z');
  const clock = { now: () => new Date(nowMs) };
  const { acts, media } = listeningMedia();

  const hosts = new Map<string, HostActor>();
  const addHost = async (name: string): Promise<void> => {
    const host = { id: randomUUID(), name, passwordHash: '-' };
    await database.prisma.host.create({ data: host });
    hosts.set(name, { kind: 'host', role: 'host', hostId: host.id, name });
  };
  await addHost('ida');
  await addHost('otto');

  /** One start of the server: what is not in the rows is gone after the next. */
  const boot = async () => {
    const registry = liveRegistry();
    const room = roomChapter({
      config,
      database,
      media,
      clock,
      log,
      web: webApp(),
      registry,
      liveFacts: (liveSessionId) => stage.stage.liveFacts(liveSessionId),
      emptySince: (liveSessionId) => stage.stage.emptySince(liveSessionId),
      onOpening: [(entry) => stage.stage.open(entry)],
      onLive: [],
      onChanged: [(entry) => stage.stage.roomChanged(entry)],
      onLinkRevoked: (linkId) => stage.evictLink(linkId),
      onEnding: [{ name: 'stage', run: ({ liveSessionId }, reason) => stage.stage.clear(liveSessionId, reason) }],
    });
    const stage = stageChapter({
      config,
      database,
      media,
      clock,
      log,
      registry,
      rooms: room.rooms,
      tickets: room.tickets,
      expel: async (_liveSessionId, identity) => void acts.push(`expel ${identity}`),
      random: () => 0,
      nowMs: () => nowMs,
    });
    const app = await createHttp(config, log);
    app.addHook(
      'onRequest',
      authorise({
        bearer: async (token) => hosts.get(token),
        cookie: async () => undefined,
        visit: async (visitSecret) => {
          const visit = room.tickets.openVisit(visitSecret);
          if (!visit || !stage.stage.isVisitLive(visit)) return undefined;
          const { identity, liveSessionId, role, displayName } = visit;
          const seatId = stage.stage.seatBook.liveSeat(identity)?.seatId;
          return { kind: 'visit', role, identity, liveSessionId, displayName, seatId };
        },
      }),
    );
    await app.register(
      async (scope) => {
        for (const routes of [room.publicRoutes, room.hostRoutes, stage.publicRoutes, stage.hostRoutes])
          routes(scope as App);
      },
      { prefix: '/api/v1' },
    );
    await room.start();
    await stage.start();
    await app.listen({ host: '127.0.0.1', port: config.port });
    const stop = async (): Promise<void> => {
      await stage.stop();
      room.stop();
      await app.close();
    };
    return { app, registry, stage, room, stop };
  };
  let running = await boot();

  /** `as`: a host's name, or somebody's ticket. */
  const call = async <T = unknown>(
    method: string,
    path: string,
    { as, body, headers }: { as?: string | Pick<Ticket, 'visitSecret'>; body?: unknown; headers?: object } = {},
  ): Promise<Answer<T>> => {
    const authorization = typeof as === 'string' ? `Bearer ${as}` : as && `Visit ${as.visitSecret}`;
    const response = await fetch(`${config.publicUrl}/api/v1${path}`, {
      method,
      headers: {
        ...(authorization ? { authorization } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer<T>['body'] };
  };

  /** A live room of Ida's; unarmed and open to anonymous listeners unless the policy says otherwise. */
  const liveRoom = async (policy: Partial<RoomPolicy> = {}): Promise<LiveEntry> => {
    const slug = `room-${randomBytes(4).toString('hex')}`;
    const body = { title: 'The square', slug, policy: { recordingArmed: false, ...policy } };
    await call('POST', '/rooms', { as: 'ida', body });
    const headers = { 'idempotency-key': randomUUID() };
    await call('POST', `/rooms/${slug}/live-session`, { as: 'ida', headers });
    const entry = running.registry.bySlug(slug);
    if (!entry) throw new Error('the room did not open');
    return entry;
  };

  const speakSecret = async (slug: string): Promise<{ id: string; secret: string }> => {
    const link = await call<{ id: string; url: string }>('POST', `/rooms/${slug}/speak-links`, {
      as: 'ida',
      body: { label: 'for a friend' },
    });
    return { id: link.body.id, secret: link.body.url.split('#speak=')[1] ?? '' };
  };

  return {
    config,
    database,
    logged,
    acts,
    call,
    liveRoom,
    speakSecret,
    running: () => running,
    pass: (ms: number): void => {
      nowMs += ms;
    },
    hostTicket: async (slug: string, consent?: ConsentAnswer): Promise<Ticket> =>
      (await call<Ticket>('POST', `/rooms/${slug}/host-ticket`, { as: 'ida', body: { consent } })).body,
    listener: async (slug: string, name?: string): Promise<Ticket> =>
      (await call<Ticket>('POST', `/rooms/${slug}/tickets`, { body: { name } })).body,
    speaker: async (slug: string, name: string, consent?: ConsentAnswer): Promise<Ticket> => {
      const { secret: given } = await speakSecret(slug);
      const body = { secret: given, name, consent };
      return (await call<Ticket>('POST', `/rooms/${slug}/speak-links/redeem`, { body })).body;
    },
    /** One look of the reconciler into the media room, in which these identities are connected. */
    look: (liveSessionId: string, participants: MediaParticipant[], listeners = 0): void =>
      running.stage.onBooks({ liveSessionId, listeners, balanced: true, participants }),
    restart: async (): Promise<void> => {
      await running.stop();
      running = await boot();
    },
    close: async (): Promise<void> => {
      await running.stop();
      await database.close();
      await testDatabase.drop();
    },
  };
};
