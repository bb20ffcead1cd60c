/*
 * Our own Postgres: real binaries, one cluster per data folder, driven by pg_ctl so that it has a session of its own,
 * outlives a killed launcher and can be adopted by the next. It listens on 127.0.0.1 only and asks for a password.
 */
import { existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { isAlive, processMark, startTimeOf } from '../launch/processes.mjs';
import type { ProcessMark } from '../launch/processes.mjs';
import { resolvePostgres } from '../toolchain/postgres.ts';
import { isRoot, unprivilegedUser } from '../toolchain/system.ts';
import { assertPortsFree } from './ports.ts';
import { placeCluster, prepareCluster, removeCluster } from './postgres-cluster.ts';
import { waitForEnd } from './process-file.ts';
import { run } from '../toolchain/run.ts';

export const databaseUser = 'loggia';
const databaseName = 'loggia';

export type PostgresOptions = {
  /** Folder of the cluster; a link to the real one when the user Postgres runs as may not enter it. */
  dir: string;
  port: number;
  password: string;
  /** Gets one line per thing worth telling. */
  log?: (line: string) => void;
  /** Further settings of postgresql.conf, for tests (`fsync: 'off'`). */
  settings?: Record<string, string>;
};

/** A running Postgres. `url` holds the password. */
export type RunningPostgres = ProcessMark & {
  url: string;
  adopted: boolean;
  /** Stops it within 3 s (fast, then immediate); with `remove` the cluster is deleted too. */
  stop: (options?: { remove?: boolean }) => Promise<void>;
};

/** The address of our own Postgres. */
export const postgresUrl = (port: number, password: string, database = databaseName): string =>
  `postgres://${databaseUser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

const baseSettings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Values in failed statements would put what people typed into the log.
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
};

type Postmaster = ProcessMark & { port: number };

/** The living server of this cluster according to its postmaster.pid; a stale file is removed. */
export const livingPostmaster = (dataDir: string): Postmaster | undefined => {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n');
  const mark = { ...processMark(Number(pid)), port: Number(port) };
  if (isAlive(mark) && isPostgres(mark.pid)) return mark;
  // After a reboot the number may be another program's, which Postgres itself would take for a living server.
  rmSync(file, { force: true });
  return undefined;
};

const isPostgres = (pid: number): boolean => {
  const command = `/proc/${pid}/comm`;
  return !existsSync(command) || readFileSync(command, 'utf8').trim() === 'postgres';
};

const ensureDatabase = async (port: number, password: string, dir: string): Promise<void> => {
  const client = new pg.Client({ connectionString: postgresUrl(port, password, 'postgres') });
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
    if (!rowCount) await client.query(`CREATE DATABASE ${databaseName}`);
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') throw error;
    throw new Error(
      `The database in ${dir} was made with another password than the one in secrets.json: put the old secrets.json back, or move that folder away to begin with an empty database.`,
      { cause: error },
    );
  } finally {
    await client.end();
  }
};

const tail = (file: string, lines: number): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';

const trim = (file: string): void => {
  if (existsSync(file) && statSync(file).size > 10_000_000) truncateSync(file);
};

/** Starts Postgres, or adopts the one of this cluster that still runs on this port. */
export const startPostgres = async (options: PostgresOptions): Promise<RunningPostgres> => {
  const { path: binDir } = await resolvePostgres();
  const owner = isRoot() ? unprivilegedUser() : {};
  const dataDir = placeCluster(options.dir);
  const logFile = join(dataDir, 'server.log');
  const control = (...args: string[]) =>
    run(join(binDir, 'pg_ctl'), ['-D', dataDir, ...args], {
      ...owner,
      cwd: '/',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
  const stop = async (mark: ProcessMark): Promise<void> => {
    await control('stop', '-m', 'fast', '-t', '2').catch(() =>
      control('stop', '-m', 'immediate', '-t', '1').catch(() => {}),
    );
    await waitForEnd(mark, 1000);
  };
  const launch = async (): Promise<ProcessMark> => {
    await assertPortsFree([{ part: 'Postgres', port: options.port, setting: 'POSTGRES_PORT' }]);
    await prepareCluster({ binDir, dataDir, password: options.password, user: databaseUser, owner });
    trim(logFile);
    const settings = Object.entries({ ...baseSettings, ...options.settings, port: String(options.port) });
    const flags = settings.map(([name, value]) => `-c ${name}='${value}'`).join(' ');
    await control('start', '-w', '-t', '30', '-l', logFile, '-o', flags).catch((error: Error) => {
      throw new Error(`Postgres did not start. Its log, ${logFile}, ends with:\n${tail(logFile, 8)}`, { cause: error });
    });
    const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return { pid, startedAt: startTimeOf(pid) };
  };

  const living = livingPostmaster(dataDir);
  if (living && living.port !== options.port) await stop(living);
  const adopted = living?.port === options.port;
  const mark = adopted ? living : await launch();
  await ensureDatabase(options.port, options.password, dataDir);
  options.log?.(
    adopted ? `Postgres still ran (pid ${mark.pid}) and was adopted` : `Postgres started (pid ${mark.pid})`,
  );
  return {
    pid: mark.pid,
    startedAt: mark.startedAt,
    url: postgresUrl(options.port, options.password),
    adopted,
    stop: async ({ remove = false } = {}) => {
      await stop(mark);
      if (remove) removeCluster(options.dir);
    },
  };
};
