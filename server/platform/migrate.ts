/**
 * Brings a database to the shape of prisma/schema.prisma without Prisma's migration engine (a native binary that has
 * to be downloaded). It keeps the engine's own books, the table `_prisma_migrations` with a SHA-256 per file, so that
 * `prisma migrate deploy` elsewhere finds nothing left to do.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from './sql.ts';
import { openSql } from './sql.ts';

/** One folder of prisma/migrations: its name orders it, its checksum is the SHA-256 of migration.sql in hex. */
export type Migration = { name: string; sql: string; checksum: string };

type AppliedRow = { migration_name: string; checksum: string };

const defaultFolder = join(import.meta.dirname, '../../prisma/migrations');

// An arbitrary constant: whoever holds it is the one applier of this database.
const advisoryLock = 4_207_340_913;

const bookkeeping = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`;

/** Reads every migration below `folder`, in the order in which they apply. */
export const readMigrations = async (folder: string = defaultFolder): Promise<Migration[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
};

/**
 * The migrations still to apply. Throws when an applied one was edited or is missing, or when a new one would have to
 * run before one already applied: in each case the database would differ from what a fresh one gets.
 */
export const pendingMigrations = (all: Migration[], applied: AppliedRow[]): Migration[] => {
  const known = new Map(all.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const file = known.get(row.migration_name);
    if (!file) {
      throw new Error(
        `The database has the migration ${row.migration_name}, this version has not: run the version that made it, or restore a backup.`,
      );
    }
    if (file.checksum !== row.checksum) {
      throw new Error(
        `The migration ${row.migration_name} was edited after it was applied: restore the file and write a new migration instead.`,
      );
    }
  }
  const done = new Set(applied.map((row) => row.migration_name));
  const newest = [...done].toSorted().at(-1) ?? '';
  const pending = all.filter((migration) => !done.has(migration.name));
  const early = pending.find((migration) => migration.name < newest);
  if (early) throw new Error(`The migration ${early.name} is older than the applied ${newest}: give it a newer date.`);
  return pending;
};

const applyOne = async (sql: Sql, migration: Migration): Promise<void> => {
  await sql.begin(async (transaction) => {
    await transaction.unsafe(migration.sql);
    await transaction`
      INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
      VALUES (${randomUUID()}, ${migration.checksum}, ${migration.name}, now(), clock_timestamp(), 1)`;
  });
};

/**
 * Applies what is missing, each migration in a transaction of its own, and returns the names. Safe to call from
 * several processes at once: the second waits for the first and finds nothing to do.
 */
export const applyMigrations = async (databaseUrl: string, folder: string = defaultFolder): Promise<string[]> => {
  const migrations = await readMigrations(folder);
  const sql = openSql(databaseUrl, { maxConnections: 1 });
  try {
    // A session lock on the only connection; it goes with the connection, even if this process is killed.
    await sql`SELECT pg_advisory_lock(${advisoryLock}::bigint)`;
    await sql.unsafe(bookkeeping);
    const applied = await sql<AppliedRow[]>`
      SELECT migration_name, checksum FROM _prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
    const pending = pendingMigrations(migrations, applied);
    for (const migration of pending) await applyOne(sql, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await sql.end({ timeout: 5 });
  }
};
