import postgres from 'postgres';

/** A postgres.js client, for what Prisma lacks: LISTEN/NOTIFY, advisory locks, statements of many parts. */
export type Sql = postgres.Sql;

/** Opens a small postgres.js pool (it reconnects by itself, and listens again after a restart of Postgres). */
export const openSql = (url: string, options: { maxConnections?: number } = {}): Sql =>
  postgres(url, { max: options.maxConnections ?? 2, onnotice: () => undefined });
