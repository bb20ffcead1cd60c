/*
 * Everything an instance consists of, brought up in the right order and kept alive: Postgres, LiveKit, ffmpeg, the
 * generated code and the web app, the migrations, and at last the server. `npm start`, the demo and the tests that
 * need a whole instance all use this one function.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Environment } from '../server/config.ts';
import { endCaptures } from '../server/recording/capture/end-captures.ts';
import { endOldApi, launchApi, serverCommand, startApi } from './services/api.ts';
import { buildWeb, generateCode } from './services/build.ts';
import { openFrontDoor } from './services/front-door.ts';
import type { FrontDoor } from './services/front-door.ts';
import { lockInstance } from './services/instance-lock.ts';
import { ownMediaAddress } from './services/livekit-config.ts';
import { startLivekit } from './services/livekit.ts';
import { assertPortsFree, freePort, freeUdpPort } from './services/ports.ts';
import { startPostgres } from './services/postgres.ts';
import { supervise } from './services/supervise.ts';
import type { Running, Supervised } from './services/supervise.ts';
import { completeSettings } from './settings/environment.ts';
import type { CompleteSettings } from './settings/environment.ts';
import { resolveFfmpeg } from './toolchain/ffmpeg.ts';
import { resolveLivekit } from './toolchain/livekit.ts';
import { resolvePostgres } from './toolchain/postgres.ts';
import { interruptRuns } from './toolchain/run.ts';

export type StackOptions = {
  /** The settings; defaults to this process's environment. */
  settings?: Environment;
  /** Shorthands for DATA_DIR and RECORDINGS_DIR. */
  dataDir?: string;
  recordingsDir?: string;
  /** True: every port is a free one, whatever the settings say, so that instances can stand side by side. */
  freePorts?: boolean;
  /** False: the web app is not built. */
  web?: boolean;
  /** True: the server is started again whenever one of its files changes. */
  watch?: boolean;
  /** Program and arguments to run as the server; then nothing is generated, built or migrated. */
  apiCommand?: string[];
  /** Gets one line per thing worth telling. */
  say?: (line: string) => void;
  /** Gives up a start that is under way. */
  signal?: AbortSignal;
};

/** One row of the table at start: what is used, in which version, and why that one. */
export type UsedPart = { part: string; version: string; why: string };

export type Stack = {
  baseUrl: string;
  config: Config;
  used: UsedPart[];
  /** Processes that run now, by part. */
  pids: () => Record<string, number>;
  /** The one-time link that makes the first host, as long as there is none. */
  setupLink: () => string | undefined;
  /** Stops server, LiveKit and Postgres, in this order, within 10 s. */
  stop: () => Promise<void>;
};

type Starting = CompleteSettings & {
  options: StackOptions;
  say: (line: string) => void;
  parts: Map<string, Supervised>;
  door?: FrontDoor;
};

const keepAlive = async (
  { parts, say }: Starting,
  name: string,
  start: () => Promise<Running>,
  startAgain = start,
): Promise<void> => {
  const running = await start();
  parts.set(name, supervise({ name, running, start: startAgain, say }));
};

const bringUpPostgres = async (from: Starting): Promise<UsedPart> => {
  if (from.outside.postgres) return { part: 'Postgres', version: '', why: 'DATABASE_URL' };
  const { config, secrets } = from;
  const { version, source } = await resolvePostgres();
  const dir = join(config.dataDir, 'postgres');
  await keepAlive(from, 'Postgres', () =>
    startPostgres({ dir, port: config.postgresPort, password: secrets.databasePassword }),
  );
  return { part: 'Postgres', version, why: `${source}, port ${config.postgresPort} (DATABASE_URL is not set)` };
};

const bringUpLivekit = async (from: Starting): Promise<UsedPart> => {
  if (from.outside.livekit) return { part: 'LiveKit', version: '', why: 'LIVEKIT_URL' };
  const { config } = from;
  const { path, version, source } = await resolveLivekit({ bin: config.livekitBin, say: from.say });
  const nodeIp = config.mediaAddress ?? ownMediaAddress();
  await keepAlive(from, 'LiveKit', () =>
    startLivekit({
      bin: path,
      dir: join(config.dataDir, 'livekit'),
      port: config.livekitPort,
      udpPort: config.livekitUdpPort,
      nodeIp,
      apiKey: config.livekitApiKey,
      apiSecret: config.livekitApiSecret,
    }),
  );
  const why = `${source}, port ${config.livekitPort}, sound on ${nodeIp}, udp port ${config.livekitUdpPort}`;
  return { part: 'LiveKit', version, why };
};

const findFfmpeg = async (from: Starting): Promise<UsedPart> => {
  const { path, version, source } = await resolveFfmpeg({ bin: from.env['FFMPEG_BIN'], say: from.say });
  from.env['FFMPEG_BIN'] = path;
  from.config.ffmpegBin = path;
  return { part: 'ffmpeg', version, why: `${source}, ${path}` };
};

const buildAll = async ({ options, say }: Starting): Promise<UsedPart> => {
  if (options.apiCommand) return { part: 'Web app', version: '', why: 'not needed' };
  await generateCode();
  if (options.web === false) return { part: 'Web app', version: '', why: 'not asked for' };
  return { part: 'Web app', version: '', why: (await buildWeb(say)) ? 'built' : 'built before' };
};

/** All settled, then the results, or one error with everything that went wrong. */
const all = async (tasks: Promise<UsedPart>[]): Promise<UsedPart[]> => {
  const results = await Promise.allSettled(tasks);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
};

const bringUp = async (from: Starting): Promise<UsedPart[]> => {
  const { config, options } = from;
  await endOldApi(config);
  await assertPortsFree([{ part: 'The web server', port: config.port, setting: 'PORT', host: config.host }]);
  const used = await all([bringUpPostgres(from), bringUpLivekit(from), findFfmpeg(from), buildAll(from)]);
  options.signal?.throwIfAborted();
  if (!options.apiCommand) {
    // Loaded only now: it needs the generated Prisma client.
    const { applyMigrations } = await import('../server/platform/migrate.ts');
    await applyMigrations(config.databaseUrl);
  }
  const command = options.apiCommand ?? serverCommand({ watch: options.watch });
  // What watches files starts the server itself and passes no sockets on.
  from.door = options.watch ? undefined : openFrontDoor(config.host, config.port);
  const server = { config, env: from.env, command, door: from.door, signal: options.signal };
  // Later it may have to wait for a database that is coming back, and nobody is helped by killing it for that.
  await keepAlive(
    from,
    'The server',
    () => startApi(server),
    () => launchApi(server),
  );
  return used;
};

const withFreePorts = async (settings: Environment): Promise<Environment> => ({
  ...settings,
  PORT: String(await freePort()),
  POSTGRES_PORT: String(await freePort()),
  LIVEKIT_PORT: String(await freePort()),
  LIVEKIT_UDP_PORT: String(await freeUdpPort()),
});

const settingsOf = async (options: StackOptions): Promise<Environment> => {
  const settings = options.settings ?? process.env;
  return {
    ...(options.freePorts ? await withFreePorts(settings) : settings),
    ...(options.dataDir ? { DATA_DIR: options.dataDir } : {}),
    ...(options.recordingsDir ? { RECORDINGS_DIR: options.recordingsDir } : {}),
  };
};

/** Captures are finished first, while the server still answers and notes their end. */
const stopOrder = ['The server', 'LiveKit', 'Postgres'];

const stopAll = async ({ parts, door }: Starting): Promise<void> => {
  for (const name of stopOrder) await parts.get(name)?.stop();
  door?.close();
};

/** Runs the start; when it fails or is given up, what already runs is stopped again. */
const orStopAgain = async <T>(from: Starting, start: Promise<T>): Promise<T> => {
  const { signal } = from.options;
  const givenUp = new Promise<never>((_, fail) => {
    signal?.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
  });
  try {
    signal?.throwIfAborted();
    return await Promise.race([start, givenUp]);
  } catch (error) {
    interruptRuns();
    const patience = new Promise((wake) => setTimeout(wake, 5000).unref());
    await Promise.race([start.catch(() => {}), patience]);
    await stopAll(from);
    throw error;
  }
};

const readSetupLink = (dataDir: string): string | undefined => {
  const file = join(dataDir, 'setup-link.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

/** Brings up a whole instance and resolves when it is ready. Throws (ConfigError, taken ports …) with nothing left running. */
export const startAll = async (options: StackOptions = {}): Promise<Stack> => {
  const complete = completeSettings(await settingsOf(options), { keep: true });
  const { config } = complete;
  const lock = await lockInstance(config.dataDir, config.publicUrl);
  const from: Starting = { ...complete, options, say: options.say ?? (() => {}), parts: new Map() };
  try {
    const used = await orStopAgain(from, bringUp(from));
    return {
      baseUrl: config.publicUrl,
      config,
      used,
      pids: () => Object.fromEntries([...from.parts].map(([name, part]) => [name, part.current().pid])),
      setupLink: () => readSetupLink(config.dataDir),
      stop: async () => {
        lock.stopping();
        await endCaptures(config.recordingsDir, 4000);
        await stopAll(from);
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};
