/** Rows of masters and their renditions. A master moves by compare-and-set along `MASTER_TABLE`. */
import type { PrismaClient } from '../platform/prisma/client.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { ProblemBody } from '../platform/problem.schema.ts';
import { statesBefore } from './master.ts';
import type { CutRange, Master, MasterKind, MasterState, Rendition, RenderStep } from './master.ts';
import type { Preset } from './render/preset.ts';

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
  kind: row.kind as MasterKind,
  title: row.title,
  preset: row.preset as Preset,
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

export type NewMaster = Pick<Master, 'id' | 'recordingId' | 'kind' | 'title' | 'preset' | 'cut' | 'queuedAt'>;

const rowsOf = (masterId: string, renditions: Rendition[]) =>
  renditions.map((rendition) => ({ ...rendition, bytes: BigInt(rendition.bytes), masterId }));

export const mastersStore = (prisma: PrismaClient) => ({
  master: async (id: string): Promise<Master | undefined> => {
    const row = await prisma.master.findUnique({ where: { id }, ...withRenditions });
    return row ? masterOf(row) : undefined;
  },

  /** The newest master of all takes. */
  newestOf: async (recordingId: string): Promise<Master | undefined> => {
    const row = await prisma.master.findFirst({
      where: { recordingId, kind: 'whole' },
      orderBy: { queuedAt: 'desc' },
      ...withRenditions,
    });
    return row ? masterOf(row) : undefined;
  },

  /** The newest finished master of all takes, also while a newer one is being made. */
  readyWholeOf: async (recordingId: string): Promise<Master | undefined> => {
    const where = { recordingId, kind: 'whole', state: 'ready' };
    const row = await prisma.master.findFirst({ where, orderBy: { queuedAt: 'desc' }, ...withRenditions });
    return row ? masterOf(row) : undefined;
  },

  /** Cuts and clips, newest first. */
  besidesOf: async (recordingId: string): Promise<Master[]> => {
    const where = { recordingId, kind: { not: 'whole' }, state: { notIn: ['superseded', 'withdrawn'] } };
    return (await prisma.master.findMany({ where, orderBy: { queuedAt: 'desc' }, ...withRenditions })).map(masterOf);
  },

  /** The masters that wait for a render, or for the end of one, oldest first. */
  unfinished: async (): Promise<string[]> => {
    const where = { state: { in: statesBefore('rendering') } };
    return (await prisma.master.findMany({ where, orderBy: { queuedAt: 'asc' }, select: { id: true } })).map(
      ({ id }) => id,
    );
  },

  /** Masters of a recording that wait or render. */
  waitingOf: async (recordingId: string): Promise<number> =>
    prisma.master.count({ where: { recordingId, state: { in: statesBefore('rendering') } } }),

  /** Queues a master. A whole one supersedes, in the same transaction, whatever whole one is not ready; these are named. */
  queue: async (master: NewMaster): Promise<string[]> => {
    const { recordingId, kind } = master;
    return prisma.$transaction(async (tx) => {
      const where = { recordingId, kind, state: { in: ['queued', 'rendering', 'failed', 'cancelled'] } };
      const data = { state: 'superseded' };
      const gone = kind === 'whole' ? await tx.master.updateManyAndReturn({ where, data, select: { id: true } }) : [];
      await tx.master.create({ data: { ...master, state: 'queued' } });
      return gone.map(({ id }) => id);
    });
  },

  /** Queues a failed or cancelled master once more; false when it is neither (any more). */
  requeue: async (id: string): Promise<boolean> => {
    const where = { id, state: { in: statesBefore('queued') } };
    const data = { state: 'queued', step: null, percent: 0, problem: Prisma.DbNull };
    return (await prisma.master.updateMany({ where, data })).count === 1;
  },

  /** False when the master neither waits nor renders (any more). */
  cancel: async (id: string): Promise<boolean> => {
    const where = { id, state: { in: statesBefore('cancelled') } };
    return (await prisma.master.updateMany({ where, data: { state: 'cancelled' } })).count === 1;
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

  /** False when the master was ended meanwhile. */
  fail: async (id: string, problem: ProblemBody): Promise<boolean> => {
    const where = { id, state: { in: statesBefore('failed') } };
    return (await prisma.master.updateMany({ where, data: { state: 'failed', problem } })).count === 1;
  },

  /** Marks the master ready, and the whole one before a whole one superseded; false when it was ended meanwhile. */
  finish: async (id: string, result: FinishedMaster): Promise<boolean> => {
    const { renditions, ...facts } = result;
    return prisma.$transaction(async (tx) => {
      const done = { state: 'ready', step: 'ready', percent: 100, ...facts };
      const { count } = await tx.master.updateMany({ where: { id, state: 'rendering' }, data: done });
      if (count === 0) return false;
      const { recordingId, kind } = await tx.master.findUniqueOrThrow({ where: { id } });
      const older = { recordingId, kind: 'whole', state: 'ready', id: { not: id } };
      if (kind === 'whole') await tx.master.updateMany({ where: older, data: { state: 'superseded' } });
      await tx.rendition.createMany({ data: rowsOf(id, renditions) });
      return true;
    });
  },

  /** A master that was made at once, without waiting for a render: a clip. */
  addReady: async (master: NewMaster, result: FinishedMaster): Promise<void> => {
    const { renditions, ...facts } = result;
    const ready = { ...master, state: 'ready', step: 'ready', percent: 100, ...facts };
    await prisma.$transaction([
      prisma.master.create({ data: ready }),
      prisma.rendition.createMany({ data: rowsOf(master.id, renditions) }),
    ]);
  },

  /** Ends a finished master for good: it holds a voice that was taken back while it was made. */
  withdraw: async (id: string): Promise<void> => {
    await prisma.master.updateMany({
      where: { id, state: { in: statesBefore('withdrawn') } },
      data: { state: 'withdrawn' },
    });
  },

  /** Whether files in this folder belong to a master that is there. */
  namesFolder: async (recordingId: string, folder: string): Promise<boolean> => {
    const master = { recordingId, state: { not: 'withdrawn' } };
    return (await prisma.rendition.count({ where: { master, file: { startsWith: `${folder}/` } } })) > 0;
  },

  episodesOf: async (recordingId: string): Promise<{ slug: string; title: string; state: string }[]> =>
    prisma.episode.findMany({ where: { recordingId }, select: { slug: true, title: true, state: true } }),
});

export type MastersStore = ReturnType<typeof mastersStore>;
