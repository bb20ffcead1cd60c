/*
 * Accounts from the command line, for whoever runs the instance: `npm run admin -- <command>`. Works on the database of
 * a running instance and on that of a stopped one, which is started for as long as it takes. Answers in JSON.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { Config } from '../server/config.ts';
import { ConfigError } from '../server/config.ts';
import type { peopleChapter } from '../server/people/chapter.ts';
import { hostNameSchema, passwordSchema } from '../server/people/people.schema.ts';
import { scopesSchema } from '../server/people/scopes.ts';
import { Problem, PROBLEMS } from '../server/problems.ts';
import { generateCode } from './services/build.ts';
import { startPostgres } from './services/postgres.ts';
import { completeSettings } from './settings/environment.ts';

const usage = `npm run admin -- <command>
  host create --name NAME [--password-stdin]       a new host; without --password-stdin a password is made and shown
  host list
  token create --host NAME [--name LABEL] [--days 30] [--scope rooms|stage|recordings|episodes …]
  reset-password --host NAME [--password-stdin]    also signs the host out everywhere
`;

/** A mistake in the command line. */
class UsageError extends Error {}

type People = Pick<ReturnType<typeof peopleChapter>, 'people' | 'hosts'>;
type Flags = ReturnType<typeof readArguments>['flags'];
type Command = (people: People, flags: Flags) => Promise<object>;

const options = {
  name: { type: 'string' },
  host: { type: 'string' },
  days: { type: 'string', default: '30' },
  scope: { type: 'string', multiple: true },
  'password-stdin': { type: 'boolean', default: false },
} as const;

const readArguments = (args: string[]) => {
  try {
    const { positionals, values: flags } = parseArgs({ args, allowPositionals: true, options });
    return { command: positionals.join(' '), flags };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

const needed = (flags: Flags, flag: 'name' | 'host'): string => {
  const name = hostNameSchema.safeParse(flags[flag]);
  if (!name.success) throw new UsageError(`--${flag} is missing or too long.`);
  return name.data;
};

/** The password to set, and the part of the answer that shows it if it was made here. */
const passwordFrom = async (flags: Flags): Promise<{ password: string; shown: { password?: string } }> => {
  if (!flags['password-stdin']) {
    const password = randomBytes(15).toString('base64url');
    return { password, shown: { password } };
  }
  const password = passwordSchema.safeParse((await text(process.stdin)).replace(/\r?\n$/, ''));
  if (!password.success) throw new UsageError('A password has 10 to 256 characters.');
  return { password: password.data, shown: {} };
};

const commands: Record<string, Command> = {
  'host create': async ({ people }, flags) => {
    const { password, shown } = await passwordFrom(flags);
    return { ...(await people.createHost(needed(flags, 'name'), password)), ...shown };
  },
  'host list': async ({ hosts }) => ({ hosts: await hosts.list() }),
  'token create': async ({ people }, flags) => {
    const days = Number(flags.days);
    if (!Number.isInteger(days) || days < 1 || days > 3650) throw new UsageError('--days is a number from 1 to 3650.');
    const scopes = scopesSchema.optional().safeParse(flags.scope);
    if (!scopes.success) throw new UsageError('--scope is one of rooms, stage, recordings, episodes.');
    const order = { hostName: needed(flags, 'host'), name: flags.name ?? 'admin', days, scopes: scopes.data };
    const { token, expiresAt, scopes: granted } = await people.createApiToken(order);
    return { token, host: order.hostName, name: order.name, scopes: granted, expiresAt: expiresAt.toISOString() };
  },
  'reset-password': async ({ people }, flags) => {
    const { password, shown } = await passwordFrom(flags);
    const name = needed(flags, 'host');
    await people.resetPassword(name, password);
    return { name, ...shown };
  },
};

/** Imported late: the database client is generated code, which a fresh clone does not have yet. */
const onDatabase = async (config: Config, work: (people: People) => Promise<object>): Promise<object> => {
  await generateCode();
  const [{ applyMigrations }, { openDatabase }, { peopleChapter: chapter }, { systemClock }] = await Promise.all([
    import('../server/platform/migrate.ts'),
    import('../server/platform/db.ts'),
    import('../server/people/chapter.ts'),
    import('../server/platform/clock.ts'),
  ]);
  await applyMigrations(config.databaseUrl);
  const database = openDatabase(config.databaseUrl, { maxConnections: 2 });
  try {
    return await work(chapter({ config, database, clock: systemClock }));
  } finally {
    await database.close();
  }
};

const main = async (): Promise<object> => {
  const { command, flags } = readArguments(process.argv.slice(2));
  const run = commands[command];
  if (!run) throw new UsageError(command ? `There is no command "${command}".` : 'Which command?');
  const { config, secrets, outside } = completeSettings(process.env, { keep: true });
  const postgres = outside.postgres
    ? undefined
    : await startPostgres({
        dir: join(config.dataDir, 'postgres'),
        port: config.postgresPort,
        password: secrets.databasePassword,
      });
  try {
    return await onDatabase(config, (people) => run(people, flags));
  } finally {
    if (postgres && !postgres.adopted) await postgres.stop();
  }
};

const explain = (error: unknown): string => {
  if (error instanceof UsageError) return `${error.message}\n\n${usage}`;
  if (error instanceof Problem) return `${error.detail ?? error.message} ${PROBLEMS[error.code].next}\n`;
  if (error instanceof ConfigError) return `${error.message}\n`;
  return `${error instanceof Error ? error.stack : String(error)}\n`;
};

try {
  process.stdout.write(`${JSON.stringify(await main())}\n`);
} catch (error) {
  process.stderr.write(explain(error));
  process.exitCode = error instanceof UsageError ? 64 : 1; // EX_USAGE of sysexits.h
}
