/** How many rows there are in each state, for the metrics. */
import type { PrismaClient } from '../platform/prisma/client.ts';

export type Counts = { takes: Record<string, number>; masters: Record<string, number> };

export const countsStore = (prisma: PrismaClient) => ({
  /** States without a row are left out. */
  byState: async (): Promise<Counts> => {
    const [takes, masters] = await Promise.all([
      prisma.take.groupBy({ by: ['state'], _count: true }),
      prisma.master.groupBy({ by: ['state'], _count: true }),
    ]);
    const counted = (rows: { state: string; _count: number }[]) =>
      Object.fromEntries(rows.map(({ state, _count }) => [state, _count]));
    return { takes: counted(takes), masters: counted(masters) };
  },
});

export type CountsStore = ReturnType<typeof countsStore>;
