/** What rows say about files: which folders a master names, and which masters have served their time. */
import { dirname } from 'node:path';
import type { PrismaClient } from '../platform/prisma/client.ts';

export const sweepStore = (prisma: PrismaClient) => ({
  recordings: async (): Promise<string[]> =>
    (await prisma.recording.findMany({ where: { masters: { some: {} } }, select: { id: true } })).map(({ id }) => id),

  statesOf: async (recordingId: string): Promise<ReadonlySet<string>> => {
    const masters = await prisma.master.findMany({ where: { recordingId }, select: { state: true } });
    return new Set(masters.map(({ state }) => state));
  },

  /** Folders with files of masters, relative to the recording's folder. */
  namedFolders: async (recordingId: string): Promise<ReadonlySet<string>> => {
    const masters = await prisma.master.findMany({ where: { recordingId }, include: { renditions: true } });
    const files = masters.flatMap(({ peaksFile, renditions }) => [peaksFile, ...renditions.map(({ file }) => file)]);
    return new Set(files.flatMap((file) => (file === null ? [] : [dirname(file)])));
  },

  /** Masters that a newer one superseded before `before`, and that no episode ever was made of, name no files any more. */
  retire: async (recordingId: string, before: Date): Promise<void> => {
    const newest = { where: { recordingId, kind: 'whole', state: 'ready' } };
    const { readyAt } = (await prisma.master.findFirst(newest)) ?? {};
    if (!readyAt || readyAt > before) return;
    const where = { recordingId, state: 'superseded', episodes: { none: {} } };
    await prisma.$transaction([
      prisma.rendition.deleteMany({ where: { master: where } }),
      prisma.master.updateMany({ where, data: { peaksFile: null } }),
    ]);
  },
});

export type SweepStore = ReturnType<typeof sweepStore>;
