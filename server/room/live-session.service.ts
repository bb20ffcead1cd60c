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
import type { EndingHook } from './session-ending.ts';
import { sessionEnding } from './session-ending.ts';

export type LiveHook = (entry: LiveEntry) => Promise<void> | void;

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
  /** How long each of them may take. */
  endingCapMs?: number;
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
  /** By live session: whoever starts or ends one waits until the other is done. */
  const opening = new Map<string, Promise<void>>();

  const close = async (id: string, reason: EndReason): Promise<void> => {
    const changed = await liveSessions.end(id, clock.now(), reason);
    registry.remove(id);
    if (changed) log.info({ liveSessionId: id, reason }, 'live session ended');
  };

  const ending = sessionEnding({
    hooks: deps.onEnding,
    close,
    opened: (id) => opening.get(id)?.catch(() => undefined),
    log,
    capMs: deps.endingCapMs,
  });

  const openDoor = async (entry: LiveEntry): Promise<void> => {
    for (const prepare of deps.onOpening) await prepare(entry);
    registry.put(entry);
  };

  // What could not be opened is closed again: the host starts anew with the same key.
  const giveUp = async (entry: LiveEntry): Promise<void> => {
    await ending.run(entry, 'failed');
    await liveSessions.forgetKey(entry.liveSessionId);
  };

  // The row stands before LiveKit is asked: if we die in between, the boot finds the row and opens the room.
  const open = async (entry: LiveEntry): Promise<void> => {
    const { liveSessionId, roomId } = entry;
    await ending.ended(liveSessionId)?.catch(() => undefined);
    if (registry.byId(liveSessionId) || (await liveSessions.byId(liveSessionId))?.state !== 'live') return;
    try {
      await media.openRoom(liveSessionId).catch((cause: unknown) => {
        throw new Problem('media-unavailable', { cause });
      });
      await openDoor(entry);
    } catch (error) {
      await giveUp(entry).catch((cause: unknown) => log.error({ err: cause, liveSessionId }, 'could not give up'));
      throw error;
    }
    for (const tell of deps.onLive) await tell(entry);
    log.info({ liveSessionId, roomId }, 'live session started');
  };

  /** The same key many times at once opens once. */
  const openOnce = (entry: LiveEntry): Promise<void> => {
    const id = entry.liveSessionId;
    const running = opening.get(id) ?? open(entry).finally(() => opening.delete(id));
    opening.set(id, running);
    return running;
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

  return {
    /** The same key gives the same live session. Throws `room-already-live`, `media-unavailable`. */
    start: async (host: HostActor, slug: string, idempotencyKey: string): Promise<LiveSessionView> => {
      const room = await roomService.ownRoom(host, slug);
      const known = await liveSessions.byKey(room.id, idempotencyKey);
      const session = known ?? (await insert(room, idempotencyKey));
      if (session.state === 'live') await openOnce(entryOf(room, session));
      return toLiveSessionView((await liveSessions.byId(session.id)) ?? session, slug);
    },

    /** Ending twice is fine: the answer is the room's latest live session. Throws `room-not-live` if it never had one. */
    endByHost: async (host: HostActor, slug: string): Promise<LiveSessionView> => {
      const live = registry.bySlug(slug);
      // What is live here ends before the database is asked, which may be away
      if (live?.hostId === host.hostId) await ending.end(live, 'host');
      const room = await roomService.ownRoom(host, slug);
      const latest = await liveSessions.latestOf(room.id);
      if (!latest) throw new Problem('room-not-live');
      // By the row: one that could not be opened here is not in the registry, and ends all the same.
      if (latest.state === 'live') await ending.end(registry.byId(latest.id) ?? entryOf(room, latest), 'host');
      return toLiveSessionView((await liveSessions.byId(latest.id)) ?? latest, slug);
    },

    end: ending.end,
    unwrittenReason: ending.unwrittenReason,
    endedAmong: liveSessions.endedAmong,

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
