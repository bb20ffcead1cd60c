/**
 * `npm run migration -- <name>`: writes the migration that brings a freshly migrated database to prisma/schema.prisma,
 * for its author to read and complete. UNLOGGED tables and partial indexes, which Prisma does not know, stand as `///`
 * lines in the schema and are added by hand.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyMigrations } from '../server/platform/migrate.ts';
import { diffFromDatabase } from './schema-diff.ts';
import { freePort } from './services/ports.ts';
import { startPostgres } from './services/postgres.ts';

const differenceFromMigrations = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-migration-'));
  const password = randomBytes(16).toString('hex');
  const postgres = await startPostgres({ dir: join(dir, 'postgres'), port: await freePort(), password });
  try {
    await applyMigrations(postgres.url);
    return await diffFromDatabase(postgres.url);
  } finally {
    await postgres.stop({ remove: true });
    await rm(dir, { recursive: true, force: true });
  }
};

const main = async (name: string | undefined): Promise<number> => {
  if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
    console.error('Usage: npm run migration -- name_in_small_letters');
    return 2;
  }
  const sql = await differenceFromMigrations();
  if (sql === '') {
    console.log('The migrations already produce prisma/schema.prisma.');
    return 0;
  }
  const date = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const folder = join(import.meta.dirname, '../prisma/migrations', `${date}_${name}`);
  await mkdir(folder);
  await writeFile(join(folder, 'migration.sql'), sql);
  console.log(`${folder}/migration.sql: read it, and add by hand what the /// lines of the schema ask for.`);
  return 0;
};

process.exit(await main(process.argv[2]));
