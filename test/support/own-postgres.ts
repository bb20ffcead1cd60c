/** A Postgres of a test's own, which it may take away and bring back. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/services/ports.ts';
import { startPostgres } from '../../scripts/services/postgres.ts';
import { applyMigrations } from '../../server/platform/migrate.ts';

export type OwnPostgres = {
  /** Of a migrated, empty database. */
  url: string;
  /** Stops the server at once, as a machine that goes down would. */
  away: () => Promise<void>;
  back: () => Promise<void>;
  /** Ends it and deletes its files. */
  remove: () => Promise<void>;
};

export const startOwnPostgres = async (): Promise<OwnPostgres> => {
  const folder = await mkdtemp(join(tmpdir(), 'loggia-postgres-'));
  const options = {
    dir: join(folder, 'postgres'),
    port: await freePort(),
    password: randomBytes(16).toString('hex'),
    settings: { fsync: 'off', synchronous_commit: 'off' },
  };
  let running = await startPostgres(options);
  await applyMigrations(running.url);
  return {
    url: running.url,
    away: () => running.stop(),
    back: async () => {
      running = await startPostgres(options);
    },
    remove: async () => {
      await running.stop({ remove: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
};
