// Prisma: not reachable, too slow to answer, connection closed, no connection to be had from the pool.
const prismaCodes = ['P1001', 'P1002', 'P1008', 'P1017', 'P2024'];
// The driver below it and beside it: refused, cut off, and Postgres saying that it shuts down or starts up.
const driverCodes = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', '57P01', '57P02', '57P03', '08006', '08001'];
const codes = new Set([...prismaCodes, ...driverCodes]);
const cutOff = /^(Connection terminated|Server has closed the connection)/;

/** Whether a statement failed because the database could not be asked at all. */
export const isDatabaseAway = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && codes.has(String(error.code))) || cutOff.test(error.message));
