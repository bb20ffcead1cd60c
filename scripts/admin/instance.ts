/** The instance that a command works on: its settings, and its database, started for as long as it takes. */
import { join } from 'node:path';
import type { Config } from '../../server/config.ts';
import type { Database } from '../../server/platform/db.ts';
import { generateCode } from '../services/build.ts';
import { startPostgres } from '../services/postgres.ts';
import { completeSettings } from '../settings/environment.ts';

export type Instance = { config: Config; database: Database };

/** Imported late: the database client is generated code, which a fresh clone does not have yet. */
const onDatabase = async <T>(config: Config, work: (instance: Instance) => Promise<T>): Promise<T> => {
  await generateCode();
  const [{ applyMigrations }, { openDatabase }] = await Promise.all([
    import('../../server/platform/migrate.ts'),
    import('../../server/platform/db.ts'),
  ]);
  await applyMigrations(config.databaseUrl);
  const database = openDatabase(config.databaseUrl, { maxConnections: 2 });
  try {
    return await work({ config, database });
  } finally {
    await database.close();
  }
};

/** Works beside a running instance and on a stopped one, whose Postgres then runs until the work is done. */
export const onInstance = async <T>(work: (instance: Instance) => Promise<T>): Promise<T> => {
  const { config, secrets, outside } = completeSettings(process.env, { keep: true });
  const postgres = outside.postgres
    ? undefined
    : await startPostgres({
        dir: join(config.dataDir, 'postgres'),
        port: config.postgresPort,
        password: secrets.databasePassword,
      });
  try {
    return await onDatabase(config, work);
  } finally {
    if (postgres && !postgres.adopted) await postgres.stop();
  }
};
