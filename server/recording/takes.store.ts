/** Rows of recordings and takes, mapped to domain unions. Only compare-and-set moves a take. */
import type { Prisma, PrismaClient } from '../platform/prisma/client.ts';
import { PROBLEMS } from '../problems.ts';
import type { ProblemCode } from '../problems.ts';
import { Problem } from '../problems.ts';
import type { ProblemBody } from '../platform/problem.schema.ts';
import { isUniqueViolation } from '../platform/unique.ts';
import type { Take } from './take.ts';

export type Recording = {
  id: string;
  liveSessionId: string;
  state: 'open' | 'closed';
  identity: string;
  name: string | null;
  createdAt: Date;
  /** By ordinal. */
  takes: Take[];
};

type TakeRow = Prisma.TakeGetPayload<object>;
type RecordingRow = Prisma.RecordingGetPayload<{ include: { takes: true } }>;

const problemOf = (value: unknown): { code: ProblemCode; detail: string } => {
  const body = value as ProblemBody | null;
  const code = body && body.code in PROBLEMS ? (body.code as ProblemCode) : 'capture-lost';
  return { code, detail: body?.detail ?? PROBLEMS[code].title };
};

const takeOf = (row: TakeRow): Take => {
  const base = { id: row.id, recordingId: row.recordingId, ordinal: row.ordinal, name: row.name };
  const startedAtMs = row.startedAt?.getTime() ?? null;
  const stopReason = row.stopReason ?? 'stopped';
  switch (row.state) {
    case 'capturing':
      return { ...base, state: 'capturing', startedAtMs: startedAtMs ?? row.createdAt.getTime() };
    case 'closing':
      return { ...base, state: 'closing', startedAtMs, stopReason };
    case 'closed': {
      const stoppedAtMs = row.stoppedAt?.getTime() ?? row.createdAt.getTime();
      const lengthSamples = Number(row.lengthSamples ?? 0n);
      return { ...base, state: 'closed', startedAtMs, stoppedAtMs, lengthSamples, stopReason };
    }
    case 'lost':
      return { ...base, state: 'lost', startedAtMs, ...problemOf(row.problem) };
    default:
      return { ...base, state: 'starting' };
  }
};

const recordingOf = (row: RecordingRow): Recording => ({
  id: row.id,
  liveSessionId: row.liveSessionId,
  state: row.state === 'open' ? 'open' : 'closed',
  identity: row.identity,
  name: row.name,
  createdAt: row.createdAt,
  takes: row.takes.map(takeOf).toSorted((a, b) => a.ordinal - b.ordinal),
});

const columnsOf = (take: Take) => ({
  state: take.state,
  startedAt: 'startedAtMs' in take && take.startedAtMs !== null ? new Date(take.startedAtMs) : null,
  stoppedAt: take.state === 'closed' ? new Date(take.stoppedAtMs) : null,
  lengthSamples: take.state === 'closed' ? BigInt(take.lengthSamples) : null,
  stopReason: 'stopReason' in take ? take.stopReason : null,
  problem: take.state === 'lost' ? { ...new Problem(take.code, { detail: take.detail }).toBody() } : undefined,
});

const withTakes = { include: { takes: true } } as const;

export const takesStore = (prisma: PrismaClient) => ({
  recording: async (id: string): Promise<Recording | undefined> => {
    const row = await prisma.recording.findUnique({ where: { id }, ...withTakes });
    return row ? recordingOf(row) : undefined;
  },

  openRecordings: async (): Promise<Recording[]> =>
    (await prisma.recording.findMany({ where: { state: 'open' }, ...withTakes })).map(recordingOf),

  openRecordingOf: async (liveSessionId: string): Promise<Recording | undefined> => {
    const row = await prisma.recording.findFirst({ where: { liveSessionId, state: 'open' }, ...withTakes });
    return row ? recordingOf(row) : undefined;
  },

  /** Newest first, those after `before` (a recording's id) when it is given. */
  recordingsOfHost: async (hostId: string, limit: number, before?: string): Promise<Recording[]> => {
    const where = { liveSession: { room: { hostId } } };
    const rows = await prisma.recording.findMany({
      where,
      ...withTakes,
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
      ...(before !== undefined && { cursor: { id: before }, skip: 1 }),
    });
    return rows.map(recordingOf);
  },

  nameRecording: async (id: string, name: string | null): Promise<void> => {
    await prisma.recording.update({ where: { id }, data: { name } });
  },

  /** False when the recording has no such take. */
  nameTake: async (recordingId: string, id: string, name: string | null): Promise<boolean> =>
    (await prisma.take.updateMany({ where: { id, recordingId }, data: { name } })).count === 1,

  /** The room a recording belongs to, with its host: for authorisation and for the view. */
  roomOf: async (recordingId: string) => {
    const row = await prisma.recording.findUnique({
      where: { id: recordingId },
      select: { liveSession: { select: { room: { select: { id: true, slug: true, title: true, hostId: true } } } } },
    });
    return row?.liveSession.room;
  },

  /** Makes the open recording of a live session; false when another request was first. */
  openRecording: async (recording: { id: string; liveSessionId: string; identity: string }): Promise<boolean> => {
    try {
      await prisma.recording.create({ data: { ...recording, state: 'open' } });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  },

  closeRecording: async (id: string, at: Date): Promise<void> => {
    await prisma.recording.updateMany({ where: { id, state: 'open' }, data: { state: 'closed', closedAt: at } });
  },

  takeByKey: async (recordingId: string, idempotencyKey: string): Promise<Take | undefined> => {
    const row = await prisma.take.findFirst({ where: { recordingId, idempotencyKey } });
    return row ? takeOf(row) : undefined;
  },

  /** Writes the intent. False when a take runs already (the partial unique index decides races). */
  insertTake: async (take: Take & { idempotencyKey: string }): Promise<boolean> => {
    const { id, recordingId, ordinal, name, state, idempotencyKey } = take;
    try {
      await prisma.take.create({ data: { id, recordingId, ordinal, name, state, idempotencyKey } });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  },

  /** Stores `next` if the row is still in `from`; false when somebody else moved it. */
  moveTake: async (from: Take, next: Take): Promise<boolean> => {
    const { count } = await prisma.take.updateMany({
      where: { id: from.id, state: from.state },
      data: columnsOf(next),
    });
    return count === 1;
  },

  take: async (id: string): Promise<Take | undefined> => {
    const row = await prisma.take.findUnique({ where: { id } });
    return row ? takeOf(row) : undefined;
  },
});

export type TakesStore = ReturnType<typeof takesStore>;
