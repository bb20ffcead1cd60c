/* The server's own process. It gets all it needs by environment variables, logs to a file, and has its own session. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../server/config.ts';
import { isAlive, startTimeOf } from '../launch/processes.mjs';
import type { ProcessMark } from '../launch/processes.mjs';
import { projectRoot } from '../settings/environment.ts';
import type { FrontDoor } from './front-door.ts';
import { assertPortsFree } from './ports.ts';
import { endProcess, livingRecord, writeRecord } from './process-file.ts';
import type { Running } from './supervise.ts';

export type ApiOptions = {
  config: Config;
  /** The settings as environment variables. */
  env: Record<string, string>;
  /** Program and arguments. */
  command: string[];
  /** The socket to listen on; without it the server binds HOST and PORT itself. */
  door?: FrontDoor;
  /** Gives up waiting for readiness. */
  signal?: AbortSignal;
};

/** How the server is run; with `watch` Node itself starts it again whenever one of its files changes. */
export const serverCommand = ({ watch = false }: { watch?: boolean } = {}): string[] => [
  process.execPath,
  ...(watch ? ['--watch', '--watch-preserve-output'] : []),
  join(projectRoot, 'server', 'main.ts'),
];

/** Of our own environment the server gets only what programs need to find their way about. */
const inherited = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'XDG_CACHE_HOME'],
  ...['NODE_EXTRA_CA_CERTS', 'NODE_COMPILE_CACHE'],
];

// Open captures have been finished before; what is left are open connections.
const graceMs = 3000;

const pidFile = (config: Config): string => join(config.dataDir, 'api.pid');

export const apiLogFile = (config: Config): string => join(config.dataDir, 'logs', 'api.log');

/** Ends a server that outlived its launcher: unlike Postgres and LiveKit it may be of an older version. */
export const endOldApi = async (config: Config): Promise<boolean> => {
  const old = livingRecord(pidFile(config));
  if (old) await endProcess(old, { graceMs });
  rmSync(pidFile(config), { force: true });
  return old !== undefined;
};

const openLog = (file: string): number => {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > 10_000_000) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
};

/** Descriptor under which the server finds the launcher's socket: the first after the standard ones. */
const doorFd = 3;

const spawnApi = ({ config, env, command, door }: ApiOptions): ProcessMark => {
  const [program = '', ...args] = command;
  const base = Object.fromEntries(inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const log = openLog(apiLogFile(config));
  const child = spawn(program, args, {
    cwd: projectRoot,
    detached: true,
    stdio: ['ignore', log, log, ...(door ? [door.fd] : [])],
    env: { ...base, NODE_ENV: 'production', ...env, ...(door ? { LISTEN_FD: String(doorFd) } : {}) },
  });
  closeSync(log);
  child.on('error', () => {}); // A program that cannot be run shows as one that is not alive.
  child.unref();
  const pid = child.pid ?? -1;
  return { pid, startedAt: startTimeOf(pid) };
};

/** Address on which this machine reaches the server: HOST, unless that means all addresses. */
export const localUrl = ({ host, port }: Config): string => {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
};

const isReady = async (config: Config): Promise<boolean> => {
  try {
    return (await fetch(`${localUrl(config)}/readyz`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
};

const lastLines = (config: Config): string =>
  readFileSync(apiLogFile(config), 'utf8').trimEnd().split('\n').slice(-12).join('\n');

const waitUntilReady = async (mark: ProcessMark, config: Config, signal?: AbortSignal): Promise<void> => {
  const deadline = performance.now() + 30_000;
  let pauseMs = 25;
  while (!(await isReady(config))) {
    signal?.throwIfAborted();
    if (!isAlive(mark))
      throw new Error(`The server stopped. Its log, ${apiLogFile(config)}, ends with:\n${lastLines(config)}`);
    if (performance.now() > deadline) throw new Error(`The server is not ready after 30 s; see ${apiLogFile(config)}.`);
    pauseMs = Math.min(pauseMs * 1.3, 500);
    await new Promise((wake) => setTimeout(wake, pauseMs));
  }
};

/** Starts the server without waiting for it. One that outlived its launcher is ended first. */
export const launchApi = async (options: ApiOptions): Promise<Running> => {
  const { config, door } = options;
  await endOldApi(config);
  if (!door) await assertPortsFree([{ part: 'The web server', port: config.port, setting: 'PORT', host: config.host }]);
  const mark = spawnApi(options);
  writeRecord(pidFile(config), { ...mark, port: config.port, fingerprint: '' });
  const stop = async (): Promise<void> => {
    await endProcess(mark, { graceMs });
    rmSync(pidFile(config), { force: true });
  };
  return { ...mark, stop };
};

/** The same, and waits until /readyz answers 200; throws with the end of its log when it does not within 30 s. */
export const startApi = async (options: ApiOptions): Promise<Running> => {
  const running = await launchApi(options);
  try {
    await waitUntilReady(running, options.config, options.signal);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
};
