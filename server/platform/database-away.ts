// Prisma: not reachable, too slow to answer, connection closed, no connection to be had from the pool.
const codes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024']);

/** Whether a statement failed because the database could not be asked at all. */
export const isDatabaseAway = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && codes.has(String(error.code));
