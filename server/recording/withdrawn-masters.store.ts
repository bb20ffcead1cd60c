/** Rows of masters that held a voice which was withdrawn: which these are, and what takes their place. */
import { dirname } from 'node:path';
import type { Prisma, PrismaClient } from '../platform/prisma/client.ts';
import { statesBefore } from './master.ts';
import type { CutRange, MasterKind, Preset } from './master.ts';

/** `folders`: of the finished files, relative to the recording's folder. `used`: an episode, public or not, plays it. */
export type HeldMaster = {
  id: string;
  kind: MasterKind;
  title: string | null;
  preset: Preset;
  state: string;
  cut: CutRange[];
  folders: string[];
  used: boolean;
};

const facts = {
  include: { renditions: { select: { file: true } }, episodes: { select: { id: true } } },
} as const;

const heldMaster = (row: Prisma.MasterGetPayload<typeof facts>): HeldMaster => ({
  id: row.id,
  kind: row.kind as MasterKind,
  title: row.title,
  preset: row.preset as Preset,
  state: row.state,
  cut: row.cut as CutRange[],
  folders: [
    ...new Set([...row.renditions.map(({ file }) => file), ...(row.peaksFile ? [row.peaksFile] : [])].map(dirname)),
  ],
  used: row.episodes.length > 0,
});

export const withdrawnMastersStore = (prisma: PrismaClient) => ({
  /**
   * Ends for good every master of these takes that was queued before `until` and is made or being made; one that only
   * waits will be made without the voice. Answers the ids of those that may be rendering in this moment.
   */
  withdraw: async (recordingId: string, takeIds: ReadonlySet<string>, until: Date): Promise<string[]> => {
    const where = { recordingId, queuedAt: { lte: until }, state: { in: statesBefore('withdrawn') } };
    const made = (await prisma.master.findMany({ where, ...facts })).map(heldMaster);
    const held = made.filter(({ cut }) => cut.some(({ takeId }) => takeIds.has(takeId)));
    const ids = held.map(({ id }) => id);
    await prisma.master.updateMany({
      where: { id: { in: ids }, state: { in: statesBefore('withdrawn') } },
      data: { state: 'withdrawn' },
    });
    return held.filter(({ state }) => state === 'rendering').map(({ id }) => id);
  },

  /** All masters of a recording, newest first. */
  ofRecording: async (recordingId: string): Promise<HeldMaster[]> => {
    const where = { recordingId };
    return (await prisma.master.findMany({ where, orderBy: { queuedAt: 'desc' }, ...facts })).map(heldMaster);
  },
});
export type WithdrawnMastersStore = ReturnType<typeof withdrawnMastersStore>;
