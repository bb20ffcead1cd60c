/** Rows of masters and their renditions. A master moves by compare-and-set along `MASTER_TABLE`. */
import type { Prisma, PrismaClient } from '../platform/prisma/client.ts';
import type { ProblemBody } from '../platform/problem.schema.ts';
import { statesBefore } from './master.ts';
import type { CutRange, Master, MasterState, Rendition, RenderStep } from './master.ts';

const withRenditions = { include: { renditions: true } } as const;
type MasterRow = Prisma.MasterGetPayload<typeof withRenditions>;

const KIND_ORDER = ['mp3', 'm4a', 'opus'];

/** The renditions of one master, MP3 first: it is the enclosure of feeds. */
export const renditionsOf = (rows: MasterRow['renditions']): Rendition[] =>
  rows
    .map(({ id, kind, mediaType, file, bytes, durationMs, sha256 }) => ({
      id,
      kind: kind as Rendition['kind'],
      mediaType,
      file,
      bytes: Number(bytes),
      durationMs,
      sha256,
    }))
    .toSorted((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));

const masterOf = (row: MasterRow): Master => ({
  id: row.id,
  recordingId: row.recordingId,
  state: row.state as MasterState,
  step: row.step as RenderStep | null,
  percent: row.percent,
  cut: row.cut as CutRange[],
  durationMs: row.durationMs,
  loudnessLufs: row.loudnessLufs,
  truePeakDbtp: row.truePeakDbtp,
  peaksFile: row.peaksFile,
  problem: row.problem as ProblemBody | null,
  queuedAt: row.queuedAt,
  readyAt: row.readyAt,
  renditions: renditionsOf(row.renditions),
});

/** What a finished render leaves behind, with `file` and `peaksFile` relative to the recording's folder. */
export type FinishedMaster = {
  durationMs: number;
  loudnessLufs: number | null;
  truePeakDbtp: number | null;
  peaksFile: string;
  readyAt: Date;
  renditions: Rendition[];
};

export const mastersStore = (prisma: PrismaClient) => ({
  master: async (id: string): Promise<Master | undefined> => {
    const row = await prisma.master.findUnique({ where: { id }, ...withRenditions });
    return row ? masterOf(row) : undefined;
  },

  newestOf: async (recordingId: string): Promise<Master | undefined> => {
    const row = await prisma.master.findFirst({
      where: { recordingId },
      orderBy: { queuedAt: 'desc' },
      ...withRenditions,
    });
    return row ? masterOf(row) : undefined;
  },

  /** The masters that wait for a render, or for the end of one, oldest first. */
  unfinished: async (): Promise<string[]> => {
    const where = { state: { in: statesBefore('rendering') } };
    return (await prisma.master.findMany({ where, orderBy: { queuedAt: 'asc' }, select: { id: true } })).map(
      ({ id }) => id,
    );
  },

  /** Queues a master; what waits or renders for the same recording is superseded in the same transaction. */
  queue: async (master: { id: string; recordingId: string; cut: CutRange[]; queuedAt: Date }): Promise<void> => {
    const waiting = { recordingId: master.recordingId, state: { in: ['queued', 'rendering', 'failed'] } };
    await prisma.$transaction([
      prisma.master.updateMany({ where: waiting, data: { state: 'superseded' } }),
      prisma.master.create({ data: { ...master, state: 'queued' } }),
    ]);
  },

  /** Takes the master for rendering; the number of the attempt, or undefined when it waits for no render any more. */
  begin: async (id: string): Promise<number | undefined> => {
    const where = { id, state: { in: statesBefore('rendering') } };
    const data = { state: 'rendering', attempt: { increment: 1 } };
    const [begun] = await prisma.master.updateManyAndReturn({ where, data, select: { attempt: true } });
    return begun?.attempt;
  },

  progress: async (id: string, step: RenderStep, percent: number): Promise<boolean> =>
    (await prisma.master.updateMany({ where: { id, state: 'rendering' }, data: { step, percent } })).count === 1,

  /** False when the master was superseded meanwhile. */
  fail: async (id: string, problem: ProblemBody): Promise<boolean> => {
    const where = { id, state: { in: statesBefore('failed') } };
    return (await prisma.master.updateMany({ where, data: { state: 'failed', problem } })).count === 1;
  },

  /** Marks the master ready and the ready one before it superseded; false when this one was superseded meanwhile. */
  finish: async (id: string, result: FinishedMaster): Promise<boolean> => {
    const { renditions, ...facts } = result;
    return prisma.$transaction(async (tx) => {
      const done = { state: 'ready', step: 'ready', percent: 100, ...facts };
      const { count } = await tx.master.updateMany({ where: { id, state: 'rendering' }, data: done });
      if (count === 0) return false;
      const { recordingId } = await tx.master.findUniqueOrThrow({ where: { id }, select: { recordingId: true } });
      const older = { recordingId, state: 'ready', id: { not: id } };
      await tx.master.updateMany({ where: older, data: { state: 'superseded' } });
      await tx.rendition.createMany({
        data: renditions.map((rendition) => ({ ...rendition, bytes: BigInt(rendition.bytes), masterId: id })),
      });
      return true;
    });
  },

  episodesOf: async (recordingId: string): Promise<{ slug: string; title: string; state: string }[]> =>
    prisma.episode.findMany({ where: { recordingId }, select: { slug: true, title: true, state: true } }),
});

export type MastersStore = ReturnType<typeof mastersStore>;
