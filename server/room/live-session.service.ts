import type { MediaPort } from '../media/port.ts';
import type { HostActor } from '../people/actor.ts';
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from './live-registry.ts';
import type { EndReason, LiveSession, RunningSession } from './live-session.ts';
import { stepLiveSession } from './live-session.ts';
import type { LiveSessionsStore } from './live-sessions.store.ts';
import type { LiveSessionView } from './room.schema.ts';
import type { RoomService } from './room.service.ts';
import type { Room, RoomsStore } from './rooms.store.ts';

export type LiveHook = (entry: LiveEntry) => Promise<void> | void;
/** Must bear being called again: a server that dies while ending ends once more. */
export type EndingHook = { name: string; run: (entry: LiveEntry, reason: EndReason) => Promise<void> | void };

type Deps = {
  rooms: Pick<RoomsStore, 'byIds'>;
  roomService: Pick<RoomService, 'ownRoom'>;
  liveSessions: LiveSessionsStore;
  registry: LiveRegistry;
  media: Pick<MediaPort, 'openRoom'>;
  clock: Clock;
  log: Log;
  /** Awaited before the door opens, at a start and when a live session is adopted at boot. */
  onOpening: readonly LiveHook[];
  /** Told once the door is open. */
  onLive: readonly LiveHook[];
  /** Awaited in order before the live session counts as ended. */
  onEnding: readonly EndingHook[];
};

export const toLiveSessionView = (session: LiveSession, roomSlug: string): LiveSessionView => ({
  id: session.id,
  roomSlug,
  state: session.state,
  startedAt: session.state === 'scheduled' ? null : (session.startedAt?.toISOString() ?? null),
  endedAt: session.state === 'ended' ? session.endedAt.toISOString() : null,
  endReason: session.state === 'ended' ? session.reason : null,
});

const entryOf = (room: Room, session: RunningSession): LiveEntry => ({
  liveSessionId: session.id,
  roomId: room.id,
  slug: room.slug,
  title: room.title,
  topic: room.topic,
  hostId: room.hostId,
  hostName: room.hostName,
  policy: room.policy,
  startedAt: session.startedAt,
});

/** Starting and ending the airings of rooms. */
export const liveSessionService = (deps: Deps) => {
  const { rooms, roomService, liveSessions, registry, media, clock, log } = deps;
  const ending = new Map<string, Promise<void>>();

  const close = async (id: string, reason: EndReason): Promise<void> => {
    const changed = await liveSessions.end(id, clock.now(), reason);
    registry.remove(id);
    if (changed) log.info({ liveSessionId: id, reason }, 'live session ended');
  };

  const openDoor = async (entry: LiveEntry): Promise<void> => {
    for (const prepare of deps.onOpening) await prepare(entry);
    registry.put(entry);
  };

  // The row stands before LiveKit is asked: if we die in between, the boot finds the row and opens the room.
  const openMedia = async (room: Room, session: RunningSession): Promise<void> => {
    try {
      await media.openRoom(session.id);
    } catch (error) {
      await close(session.id, 'failed');
      await liveSessions.forgetKey(session.id);
      throw new Problem('media-unavailable', { cause: error });
    }
    if (registry.byId(session.id)) return;
    const entry = entryOf(room, session);
    await openDoor(entry);
    for (const tell of deps.onLive) await tell(entry);
    log.info({ liveSessionId: session.id, roomId: room.id }, 'live session started');
  };

  const insert = async (room: Room, idempotencyKey: string): Promise<LiveSession> => {
    const next = stepLiveSession(
      { id: randomId(), roomId: room.id, state: 'scheduled' },
      { type: 'start', at: clock.now() },
    );
    if (next instanceof Problem) throw next;
    const inserted = next.state === 'live' && (await liveSessions.insertLive(next, idempotencyKey));
    const session = inserted || (await liveSessions.byKey(room.id, idempotencyKey));
    if (!session) throw new Problem('room-already-live');
    return session;
  };

  const runEnding = async (entry: LiveEntry, reason: EndReason): Promise<void> => {
    for (const { name, run } of deps.onEnding) {
      try {
        await run(entry, reason);
      } catch (error) {
        // A recording that cannot be closed must not keep a room live for ever.
        log.error({ err: error, liveSessionId: entry.liveSessionId, step: name }, 'could not end cleanly');
      }
    }
    await close(entry.liveSessionId, reason);
  };

  /** Ends a live session by our own rule; several at once wait for the same ending. */
  const end = (entry: LiveEntry, reason: EndReason): Promise<void> => {
    const id = entry.liveSessionId;
    const running = ending.get(id) ?? runEnding(entry, reason).finally(() => ending.delete(id));
    ending.set(id, running);
    return running;
  };

  return {
    /** The same key gives the same live session. Throws `room-already-live`, `media-unavailable`. */
    start: async (host: HostActor, slug: string, idempotencyKey: string): Promise<LiveSessionView> => {
      const room = await roomService.ownRoom(host, slug);
      const known = await liveSessions.byKey(room.id, idempotencyKey);
      const session = known ?? (await insert(room, idempotencyKey));
      if (session.state === 'live') await openMedia(room, session);
      return toLiveSessionView(session, slug);
    },

    /** Ending twice is fine: the answer is the room's latest live session. Throws `room-not-live` if it never had one. */
    endByHost: async (host: HostActor, slug: string): Promise<LiveSessionView> => {
      const room = await roomService.ownRoom(host, slug);
      const entry = registry.bySlug(slug);
      if (entry) await end(entry, 'host');
      const latest = await liveSessions.latestOf(room.id);
      if (!latest) throw new Problem('room-not-live');
      return toLiveSessionView(latest, slug);
    },

    end,

    /** Fills the registry from the rows. LiveKit's rooms are opened again by the reconcile. */
    adopt: async (): Promise<void> => {
      const sessions = await liveSessions.allLive();
      const byId = new Map((await rooms.byIds(sessions.map(({ roomId }) => roomId))).map((room) => [room.id, room]));
      for (const session of sessions) {
        const room = byId.get(session.roomId);
        if (!room || registry.byId(session.id)) continue;
        await openDoor(entryOf(room, session));
      }
    },
  };
};
export type LiveSessionService = ReturnType<typeof liveSessionService>;
