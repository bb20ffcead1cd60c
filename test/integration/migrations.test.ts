import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { diffFromDatabase } from '../../scripts/schema-diff.ts';
import { openSql } from '../../server/platform/sql.ts';
import { applyMigrations, readMigrations } from '../../server/platform/migrate.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';

const databases: TestDatabase[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.drop()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

const freshDatabase = async (options: { empty: boolean }): Promise<string> => {
  const database = await createTestDatabase(options);
  databases.push(database);
  return database.url;
};

const query = async <T>(url: string, statement: string): Promise<T[]> => {
  const sql = openSql(url, { maxConnections: 1 });
  try {
    return await sql.unsafe<(T & object)[]>(statement);
  } finally {
    await sql.end();
  }
};

const copyOfMigrations = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'loggia-migrations-'));
  folders.push(folder);
  await cp(join(import.meta.dirname, '../../prisma/migrations'), folder, { recursive: true });
  return folder;
};

describe('migrations', () => {
  it('produce exactly schema.prisma', async () => {
    const url = await freshDatabase({ empty: true });
    await applyMigrations(url);
    expect(await diffFromDatabase(url)).toBe('');
  });

  it('that fall short of schema.prisma are noticed', async () => {
    const url = await freshDatabase({ empty: false });
    await query(url, 'ALTER TABLE room DROP COLUMN topic');
    expect(await diffFromDatabase(url)).toContain('ADD COLUMN     "topic" TEXT');
  });

  it('hold what Prisma cannot express: hands and removals are UNLOGGED, one live session per room', async () => {
    const url = await freshDatabase({ empty: false });
    const unlogged = await query<{ relname: string }>(
      url,
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u' ORDER BY relname`,
    );
    expect(unlogged.map((row) => row.relname)).toEqual(['hand', 'removal']);
    const partial = await query<{ name: string }>(
      url,
      `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indpred IS NOT NULL AND indisunique ORDER BY 1`,
    );
    expect(partial.map((row) => row.name)).toContain('live_session_one_live');
  });

  it('are each applied once when two appliers start at once', async () => {
    const url = await freshDatabase({ empty: true });
    const applied = await Promise.all([applyMigrations(url), applyMigrations(url)]);
    const names = (await readMigrations()).map((migration) => migration.name);
    expect(applied.flat()).toEqual(names);
    const rows = await query<{ migration_name: string }>(url, 'SELECT migration_name FROM _prisma_migrations');
    expect(rows.map((row) => row.migration_name)).toEqual(names);
  });

  it('that were edited after they were applied are refused, and nothing is changed', async () => {
    const url = await freshDatabase({ empty: false });
    const folder = await copyOfMigrations();
    const [first] = await readMigrations(folder);
    await writeFile(join(folder, first!.name, 'migration.sql'), `${first!.sql}\nDROP TABLE room;`);
    await expect(applyMigrations(url, folder)).rejects.toThrow(`${first!.name} was edited after it was applied`);
    expect(await query(url, 'SELECT * FROM room')).toEqual([]);
  });

  it('that fail half-way leave the database as it was', async () => {
    const url = await freshDatabase({ empty: false });
    const folder = await copyOfMigrations();
    const failing = join(folder, '99991231000000_failing');
    await cp(join(folder, (await readMigrations(folder))[0]!.name), failing, { recursive: true });
    await writeFile(join(failing, 'migration.sql'), 'DROP TABLE hand; DROP TABLE no_such_table;');
    await expect(applyMigrations(url, folder)).rejects.toThrow('no_such_table');
    expect(await query(url, 'SELECT * FROM hand')).toEqual([]);
  });
});
