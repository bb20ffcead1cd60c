import type { Database } from '../platform/db.ts';
import type { LiveSession as Row } from '../platform/prisma/client.ts';
import { isUniqueViolation } from '../platform/unique.ts';
import type { EndReason, LiveSession, RunningSession } from './live-session.ts';

const toLiveSession = (row: Row): LiveSession => {
  const { id, roomId, startedAt, endedAt, endReason } = row;
  if (row.state === 'ended') {
    return { id, roomId, state: 'ended', startedAt, endedAt: endedAt ?? row.createdAt, reason: endReason as EndReason };
  }
  return row.state === 'live' && startedAt
    ? { id, roomId, state: 'live', startedAt }
    : { id, roomId, state: 'scheduled' };
};

/** Live sessions. A partial unique index lets a room have one that is live. */
export const liveSessionsStore = ({ prisma }: Database) => ({
  /** Undefined when the room has a live session already, or has used this idempotency key. */
  insertLive: async (session: RunningSession, idempotencyKey: string): Promise<RunningSession | undefined> => {
    try {
      await prisma.liveSession.create({ data: { ...session, idempotencyKey } });
      return session;
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  },

  /** live → ended; false when it was not live any more. */
  end: async (id: string, endedAt: Date, endReason: EndReason): Promise<boolean> => {
    const { count } = await prisma.liveSession.updateMany({
      where: { id, state: 'live' },
      data: { state: 'ended', endedAt, endReason },
    });
    return count === 1;
  },

  /** So that the same key may try again after a start that failed. */
  forgetKey: async (id: string): Promise<void> => {
    await prisma.liveSession.updateMany({ where: { id }, data: { idempotencyKey: null } });
  },

  byId: async (id: string): Promise<LiveSession | undefined> => {
    const row = await prisma.liveSession.findUnique({ where: { id } });
    return row ? toLiveSession(row) : undefined;
  },

  byKey: async (roomId: string, idempotencyKey: string): Promise<LiveSession | undefined> => {
    const row = await prisma.liveSession.findUnique({ where: { roomId_idempotencyKey: { roomId, idempotencyKey } } });
    return row ? toLiveSession(row) : undefined;
  },

  latestOf: async (roomId: string): Promise<LiveSession | undefined> => {
    const row = await prisma.liveSession.findFirst({ where: { roomId }, orderBy: { createdAt: 'desc' } });
    return row ? toLiveSession(row) : undefined;
  },

  /** Those of these ids that are live sessions and have ended. */
  endedAmong: async (ids: readonly string[]): Promise<string[]> => {
    const where = { id: { in: [...ids] }, state: 'ended' };
    return (await prisma.liveSession.findMany({ where, select: { id: true } })).map(({ id }) => id);
  },

  allLive: async (): Promise<RunningSession[]> => {
    const rows = await prisma.liveSession.findMany({ where: { state: 'live' } });
    return rows.map(toLiveSession).filter((session) => session.state === 'live');
  },
});
export type LiveSessionsStore = ReturnType<typeof liveSessionsStore>;
