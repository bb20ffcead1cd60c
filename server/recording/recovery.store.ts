/** Rows as the operator's commands see them: of all hosts, and made anew where only the folder is left. */
import type { PrismaClient } from '../platform/prisma/client.ts';

const columns = {
  id: true,
  state: true,
  name: true,
  createdAt: true,
  liveSession: { select: { id: true, state: true, room: { select: { slug: true, title: true } } } },
  takes: { select: { id: true, ordinal: true, state: true }, orderBy: { ordinal: 'asc' } },
  masters: {
    select: { id: true, state: true, renditions: { select: { kind: true, file: true, bytes: true, sha256: true } } },
    orderBy: { queuedAt: 'desc' },
  },
} as const;

/** A take that ended, as its journal tells it. */
export type RecoveredTake = {
  id: string;
  ordinal: number;
  startedAtMs: number;
  stoppedAtMs: number;
  lengthSamples: number;
  stopReason: string;
};

/** What the rows of a recording lose when only its folder is left, besides its takes. */
export type RecoveredRecording = { id: string; identity: string; sessionId: string; fromMs: number; toMs: number };

const columnsOf = ({ id, ordinal, startedAtMs, stoppedAtMs, lengthSamples, stopReason }: RecoveredTake) => ({
  ...{ id, ordinal, stopReason, state: 'closed' },
  startedAt: new Date(startedAtMs),
  stoppedAt: new Date(stoppedAtMs),
  lengthSamples: BigInt(lengthSamples),
});

export const recoveryStore = (prisma: PrismaClient) => ({
  all: () => prisma.recording.findMany({ select: columns, orderBy: { createdAt: 'asc' } }),

  one: (id: string) => prisma.recording.findUnique({ where: { id }, select: columns }),

  /** A live session that has ended, and a closed recording of it; false when there is no such room. */
  insertRecording: async (roomSlug: string, made: RecoveredRecording): Promise<boolean> => {
    const room = await prisma.room.findUnique({ where: { slug: roomSlug }, select: { id: true } });
    if (!room) return false;
    const { id, identity, sessionId, fromMs, toMs } = made;
    const [startedAt, endedAt] = [new Date(fromMs), new Date(toMs)];
    const session = { id: sessionId, roomId: room.id, state: 'ended', startedAt, endedAt, endReason: 'failed' };
    const recording = { id, identity, liveSessionId: sessionId, state: 'closed', createdAt: startedAt };
    await prisma.$transaction([
      prisma.liveSession.create({ data: { ...session, createdAt: startedAt } }),
      prisma.recording.create({ data: { ...recording, closedAt: endedAt } }),
    ]);
    return true;
  },

  /** Makes the row of a take, or ends the one that was left running; false when it had ended already. */
  closeTake: async (recordingId: string, take: RecoveredTake): Promise<boolean> => {
    const { count } = await prisma.take.updateMany({
      where: { id: take.id, recordingId, state: { not: 'closed' } },
      data: columnsOf(take),
    });
    if (count > 0) return true;
    const data = { ...columnsOf(take), recordingId };
    return (await prisma.take.createMany({ data, skipDuplicates: true })).count === 1;
  },

  closeRecording: async (id: string, at: Date): Promise<void> => {
    await prisma.recording.updateMany({ where: { id, state: 'open' }, data: { state: 'closed', closedAt: at } });
  },
});

export type RecoveryStore = ReturnType<typeof recoveryStore>;
export type RecordingRows = NonNullable<Awaited<ReturnType<RecoveryStore['one']>>>;
