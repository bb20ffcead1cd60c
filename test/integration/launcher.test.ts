import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTimeOf } from '../../scripts/launch/processes.mjs';
import { freePort, freeUdpPort } from '../../scripts/services/ports.ts';
import { removeCluster } from '../../scripts/services/postgres-cluster.ts';
import { until } from '../support/wait.ts';

let dir: string;
let ports: Record<string, string>;
let launched: Launched[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'loggia-launcher-'));
  launched = [];
  ports = {
    PORT: String(await freePort()),
    POSTGRES_PORT: String(await freePort()),
    LIVEKIT_PORT: String(await freePort()),
    LIVEKIT_UDP_PORT: String(await freeUdpPort()),
  };
});

afterEach(async () => {
  // A start after the last one was killed is how survivors are found; then all of it is stopped in order.
  if (!(await settled())) await (await launch()).ready();
  for (const instance of launched) await instance.end('SIGTERM');
  removeCluster(dataFile('postgres'));
  rmSync(dir, { recursive: true, force: true });
});

const dataFile = (name: string): string => join(dir, 'data', name);
const settled = async (): Promise<boolean> =>
  launched.some((instance) => instance.isRunning()) || !existsSync(dataFile('launcher.lock'));

type Launched = {
  output: () => string;
  isRunning: () => boolean;
  ready: () => Promise<void>;
  ended: () => Promise<number>;
  end: (signal: NodeJS.Signals) => Promise<number>;
};

/** `npm start` on the folder and ports of this test. */
const launch = async (settings: Record<string, string> = {}, args: string[] = []): Promise<Launched> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../support/tiny-instance.ts'), ...args], {
    env: { ...process.env, DATA_DIR: dataFile(''), RECORDINGS_DIR: join(dir, 'recordings'), ...ports, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const exit = new Promise<number>((done) => child.once('close', (code) => done(code ?? -1)));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const instance: Launched = {
    output: () => output,
    isRunning,
    ready: async () => {
      await until(() => output.includes('Loggia is ready') || !isRunning(), { what: 'ready', timeoutMs: 15_000 });
      expect(output).toContain('Loggia is ready');
    },
    ended: () => exit,
    end: (signal) => {
      if (isRunning()) child.kill(signal);
      return exit;
    },
  };
  launched.push(instance);
  return instance;
};

const pidIn = (file: string): number => (JSON.parse(readFileSync(dataFile(file), 'utf8')) as { pid: number }).pid;

const pidsOf = () => ({
  postgres: Number(readFileSync(dataFile('postgres/postmaster.pid'), 'utf8').split('\n')[0]),
  livekit: pidIn('livekit/livekit.pid'),
  server: pidIn('api.pid'),
});

const alive = (pid: number): boolean => startTimeOf(pid) !== undefined;
const serverUrl = (path: string): string => `http://127.0.0.1:${ports['PORT']}${path}`;

it('Ctrl-C stops every process in order and leaves no lock and no pid file', async () => {
  const instance = await launch();
  await instance.ready();
  const pids = Object.values(pidsOf());
  expect(pids.every(alive)).toBe(true);

  const before = performance.now();
  expect(await instance.end('SIGINT')).toBe(0);
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(pids.filter(alive)).toEqual([]);
  for (const file of ['launcher.lock', 'api.pid', 'livekit/livekit.pid', 'postgres/postmaster.pid']) {
    expect(existsSync(dataFile(file)), file).toBe(false);
  }
});

it('after a kill -9 of the launcher the next start adopts Postgres and LiveKit and replaces the server', async () => {
  const first = await launch();
  await first.ready();
  const before = pidsOf();
  await first.end('SIGKILL');
  expect(Object.values(before).every(alive)).toBe(true);

  const second = await launch();
  await second.ready();
  const after = pidsOf();
  expect(after.postgres).toBe(before.postgres);
  expect(after.livekit).toBe(before.livekit);
  expect(after.server).not.toBe(before.server);
  expect(alive(before.server)).toBe(false);
});

it('after a kill -9 of everything the next start is ready again', async () => {
  const first = await launch();
  await first.ready();
  const before = pidsOf();
  await first.end('SIGKILL');
  for (const pid of Object.values(before)) process.kill(pid, 'SIGKILL');
  await until(() => !Object.values(before).some(alive), { what: 'all gone' });

  await (await launch()).ready();
});

it.each(['server', 'livekit', 'postgres'] as const)('a %s that dies is brought back and said so', async (part) => {
  const instance = await launch();
  await instance.ready();
  const before = pidsOf()[part];
  process.kill(before, 'SIGKILL');
  await until(() => instance.output().includes('runs again'), { what: 'said so' });
  expect(instance.output()).toContain('has died and is started again');
  expect(pidsOf()[part]).not.toBe(before);
  await until(async () => (await fetch(serverUrl('/readyz'))).ok, { what: 'the server answers' });
});

it('whoever connects while the server is dead waits and is answered by the next one', async () => {
  const instance = await launch();
  await instance.ready();
  const { server } = pidsOf();
  process.kill(server, 'SIGKILL');
  await until(() => !alive(server), { what: 'the server is dead', everyMs: 5 });
  const answer = await fetch(serverUrl('/pid'));
  expect(Number(await answer.text())).toBe(pidsOf().server);
  expect(pidsOf().server).not.toBe(server);
});

it('an instance on free ports stands beside the one whose ports are set', async () => {
  const first = await launch();
  await first.ready();
  const other = await launch({ DATA_DIR: join(dir, 'other'), RECORDINGS_DIR: join(dir, 'other-recordings') }, [
    '--free-ports',
  ]);
  await other.ready();
  await other.end('SIGTERM');
  removeCluster(join(dir, 'other', 'postgres'));
});

it('a taken port is named with its part and the setting that changes it', async () => {
  const blocker = createServer();
  await new Promise<void>((done) => blocker.listen(Number(ports['POSTGRES_PORT']), '127.0.0.1', done));
  const instance = await launch();
  expect(await instance.ended()).toBe(1);
  expect(instance.output()).toContain(`Postgres cannot have tcp port ${ports['POSTGRES_PORT']}`);
  expect(instance.output()).toContain('Set POSTGRES_PORT');
  expect(existsSync(dataFile('livekit/livekit.pid'))).toBe(false);
  await new Promise((done) => blocker.close(done));
});

it('a second launcher on the same data folder is refused and told where the first one is', async () => {
  await (await launch()).ready();
  const second = await launch();
  expect(await second.ended()).toBe(1);
  expect(second.output()).toContain(`Loggia already runs here: http://localhost:${ports['PORT']}`);
});

it('wrong settings stop the start with all faults at once, before anything is written', async () => {
  const instance = await launch({ PORT: 'many', LOG_LEVEL: 'loud', PUBLIC_URL: 'http://example.org' });
  expect(await instance.ended()).toBe(1);
  for (const name of ['PORT', 'LOG_LEVEL', 'PUBLIC_URL', 'OPERATOR_CONTACT']) expect(instance.output()).toContain(name);
  expect(existsSync(dataFile(''))).toBe(false);
});

it('secrets are made at the first start, kept, and readable by their owner alone', async () => {
  const first = await launch();
  await first.ready();
  const secrets = readFileSync(dataFile('secrets.json'), 'utf8');
  expect(statSync(dataFile('secrets.json')).mode & 0o777).toBe(0o600);
  expect(statSync(dataFile('livekit/livekit.yaml')).mode & 0o777).toBe(0o600);
  for (const pid of Object.values(pidsOf())) {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    for (const secret of Object.values(JSON.parse(secrets) as Record<string, string>))
      expect(argv).not.toContain(secret);
  }
  await first.end('SIGTERM');
  await (await launch()).ready();
  expect(readFileSync(dataFile('secrets.json'), 'utf8')).toBe(secrets);
});

it('the doctor says what is broken and ends with exit code 1, and touches nothing', async () => {
  const env = { ...process.env, ...ports, DATA_DIR: dataFile(''), FFMPEG_BIN: '/bin/true' };
  const script = join(import.meta.dirname, '../../scripts/doctor.ts');
  const child = spawn(process.execPath, [script, '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await new Response(Readable.toWeb(child.stdout) as ReadableStream).text();
  const findings = JSON.parse(output) as { part: string; state: string; says: string }[];
  expect(findings.filter(({ state }) => state === 'broken').map(({ part }) => part)).toEqual(['ffmpeg']);
  expect(findings.find(({ part }) => part === 'ffmpeg')?.says).toContain('lacks');
  await until(() => child.exitCode === 1, { what: 'exit code 1' });
  expect(existsSync(dataFile(''))).toBe(false);
});
