import { expect, it } from 'vitest';
import type { HostActor } from '../people/actor.ts';
import { createLog } from '../platform/log.ts';
import { liveRegistry } from './live-registry.ts';
import { liveSessionService } from './live-session.service.ts';
import type { EndedSession, LiveSession, RunningSession } from './live-session.ts';
import type { LiveSessionsStore } from './live-sessions.store.ts';
import type { Room } from './rooms.store.ts';
import type { EndingHook } from './session-ending.ts';

const policy = { anonymousListening: true, recordingArmed: false, listed: true, publishNumber: true };
const createdAt = new Date(0);
const words = { title: 'Room', topic: '', hostName: 'Ada', lastEpisodeSlug: null };
const room: Room = { id: 'r', slug: 'room', hostId: 'h', policy, createdAt, ...words };
const host: HostActor = { kind: 'host', role: 'host', hostId: 'h', name: 'Ada' };

/** The rows of live sessions, in memory; every call takes a turn, as a database does. */
const rows = () => {
  const byId = new Map<string, LiveSession>();
  const keys = new Map<string, string>();
  let isAway = false;
  const turn = async (): Promise<void> => {
    await Promise.resolve();
    if (isAway) throw new Error('no connection');
  };
  const store: LiveSessionsStore = {
    insertLive: async (session: RunningSession, key: string) => {
      await turn();
      if (keys.has(key) || [...byId.values()].some(({ state }) => state === 'live')) return undefined;
      keys.set(key, session.id);
      byId.set(session.id, session);
      return session;
    },
    end: async (id, endedAt, reason) => {
      await turn();
      const live = byId.get(id);
      if (live?.state !== 'live') return false;
      byId.set(id, { ...live, state: 'ended', endedAt, reason } satisfies EndedSession);
      return true;
    },
    forgetKey: async (id) => {
      await turn();
      for (const [key, of] of keys) if (of === id) keys.delete(key);
    },
    byId: async (id) => turn().then(() => byId.get(id)),
    byKey: async (_roomId, key) => turn().then(() => byId.get(keys.get(key) ?? '')),
    latestOf: async () => turn().then(() => [...byId.values()].at(-1)),
    endedAmong: async () => [],
    allLive: async () => turn().then(() => [...byId.values()].filter((one) => one.state === 'live')),
  };
  const goAway = (): void => void (isAway = true);
  const comeBack = (): void => void (isAway = false);
  return { store, goAway, comeBack };
};

const house = (hook: Partial<EndingHook> & { open?: () => Promise<void>; tell?: () => void } = {}) => {
  const { store, ...database } = rows();
  const registry = liveRegistry();
  const ended: string[] = [];
  const service = liveSessionService({
    rooms: { byIds: async () => [room] },
    roomService: { ownRoom: async () => room },
    liveSessions: store,
    registry,
    media: { openRoom: async () => {} },
    clock: { now: () => new Date(0) },
    log: createLog({ level: 'silent' }),
    onOpening: [() => hook.open?.()],
    onLive: [() => hook.tell?.()],
    onEnding: [
      { name: 'first', run: (entry, reason) => hook.run?.(entry, reason) },
      { name: 'second', run: ({ liveSessionId }) => void ended.push(liveSessionId) },
    ],
    endingCapMs: 20,
  });
  return { ...database, service, registry, ended, store };
};

it('one key many times at once opens the room once', async () => {
  let told = 0;
  const open = (): Promise<void> => new Promise((done) => setImmediate(done));
  const { service, registry } = house({ open, tell: () => (told += 1) });
  const answers = await Promise.all(Array.from({ length: 5 }, () => service.start(host, 'room', 'key')));
  expect(new Set(answers.map(({ id, state }) => `${id} ${state}`)).size).toBe(1);
  expect([told, registry.all().length]).toEqual([1, 1]);
});

it('a part of the house that never ends keeps no room live', async () => {
  const { service, registry, ended } = house({ run: () => new Promise(() => {}) });
  const { id } = await service.start(host, 'room', 'key');
  expect(await service.endByHost(host, 'room')).toMatchObject({ id, state: 'ended', endReason: 'host' });
  expect([ended, registry.all()]).toEqual([[id], []]);
});

it('what ended while Postgres was away is remembered, and ends once more with all that is inside', async () => {
  const { service, registry, ended, store, goAway, comeBack } = house();
  const { id } = await service.start(host, 'room', 'key');
  const entry = registry.all()[0]!;
  goAway();
  await expect(service.end(entry, 'empty')).rejects.toThrow('no connection');
  expect(service.unwrittenReason(id)).toBe('empty');
  comeBack();
  await service.end(entry, 'empty');
  expect(await store.byId(id)).toMatchObject({ state: 'ended', reason: 'empty' });
  expect([service.unwrittenReason(id), ended]).toEqual([undefined, [id, id]]);
});

it('a start repeated while its live session ends brings nothing back to life', async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const { service, registry } = house();
    await service.start(host, 'room', 'key');
    const ending = service.endByHost(host, 'room');
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    const again = service.start(host, 'room', 'key');
    await Promise.all([ending, again]);
    expect([turns, registry.all()]).toEqual([turns, []]);
  }
});

it('a room that could not be opened inside is closed again, and the same key may try once more', async () => {
  let isBroken = true;
  const open = async (): Promise<void> => {
    if (isBroken) throw new Error('the stage does not open');
  };
  const { service, registry, ended } = house({ open });
  await expect(service.start(host, 'room', 'key')).rejects.toThrow('the stage does not open');
  expect([ended.length, registry.all()]).toEqual([1, []]);
  isBroken = false;
  expect(await service.start(host, 'room', 'key')).toMatchObject({ state: 'live' });
});

it('a live session that could be neither opened nor closed is ended by its host', async () => {
  const open = async (): Promise<void> => {
    world.goAway();
    throw new Error('the stage does not open');
  };
  const world = house({ open });
  await expect(world.service.start(host, 'room', 'key')).rejects.toThrow('the stage does not open');
  world.comeBack();
  expect(await world.store.allLive()).toHaveLength(1);
  expect(await world.service.endByHost(host, 'room')).toMatchObject({ state: 'ended' });
});
