/*
 * Our own LiveKit: one node without Redis, HTTP on 127.0.0.1 only, the sound on one UDP port. It runs in a session of
 * its own and is adopted by the next launcher as long as nothing it was started with has changed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, startTimeOf } from '../launch/processes.mjs';
import type { ProcessMark } from '../launch/processes.mjs';
import { livekitConfig } from './livekit-config.ts';
import type { LivekitSettings } from './livekit-config.ts';
import { startLogFilter } from './livekit-log.ts';
import { assertPortsFree } from './ports.ts';
import { endProcess, livingRecord, writeRecord } from './process-file.ts';

export type LivekitOptions = LivekitSettings & {
  /** Path of livekit-server. */
  bin: string;
  /** Folder for its configuration, pid file and filtered log. */
  dir: string;
  log?: (line: string) => void;
};

/** A running LiveKit; `url` is its ws:// address, which the server uses for signalling and for the API. */
export type RunningLivekit = ProcessMark & { url: string; adopted: boolean; stop: () => Promise<void> };

const wait = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

const isHealthy = async (port: number): Promise<boolean> => {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) });
    return answer.ok;
  } catch {
    return false;
  }
};

const waitUntilHealthy = async (mark: ProcessMark, port: number, logFile: string): Promise<void> => {
  const deadline = performance.now() + 15_000;
  while (!(await isHealthy(port))) {
    if (isAlive(mark) && performance.now() < deadline) await wait(50);
    else throw new Error(`LiveKit did not start. Its log, ${logFile}, ends with:\n${tail(logFile)}`);
  }
};

const tail = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');

/** An open descriptor of the log, begun anew when it has grown past 10 MB. */
const openLog = (file: string): number =>
  openSync(file, existsSync(file) && statSync(file).size > 10_000_000 ? 'w' : 'a', 0o600);

const spawnLivekit = (options: LivekitOptions, configFile: string, logFile: string): ProcessMark => {
  const logFd = openLog(logFile);
  const filter = startLogFilter(logFd);
  const child = spawn(options.bin, ['--config', configFile], {
    detached: true,
    stdio: ['ignore', filter, filter],
    env: { PATH: process.env['PATH'], HOME: options.dir },
  });
  filter.destroy();
  closeSync(logFd);
  child.on('error', () => {}); // A program that cannot be run shows as one that is not alive.
  child.unref();
  const pid = child.pid ?? -1;
  return { pid, startedAt: startTimeOf(pid) };
};

/** At the first SIGTERM LiveKit waits for its participants to leave, at the second it goes. */
const end = (mark: ProcessMark): Promise<void> => endProcess(mark, { secondMs: 100, graceMs: 1000 });

/** Starts LiveKit and waits until it is healthy, or adopts the one started here before with the same settings. */
export const startLivekit = async (options: LivekitOptions): Promise<RunningLivekit> => {
  const { bin, dir, port, udpPort, log } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(dir, name);
  const configFile = file('livekit.yaml');
  const logFile = file('livekit.log');
  const pidFile = file('livekit.pid');
  const config = livekitConfig(options);
  const fingerprint = createHash('sha256').update(`${bin}\n${config}`).digest('hex');
  const running = (mark: ProcessMark, adopted: boolean): RunningLivekit => {
    log?.(adopted ? `LiveKit still ran (pid ${mark.pid}) and was adopted` : `LiveKit started (pid ${mark.pid})`);
    const stop = async (): Promise<void> => {
      await end(mark);
      rmSync(pidFile, { force: true });
    };
    return { pid: mark.pid, startedAt: mark.startedAt, url: `ws://127.0.0.1:${port}`, adopted, stop };
  };

  const living = livingRecord(pidFile);
  if (living?.fingerprint === fingerprint && (await isHealthy(port))) return running(living, true);
  if (living) await end(living);
  await assertPortsFree([
    { part: 'LiveKit', port, setting: 'LIVEKIT_PORT' },
    { part: 'LiveKit', port: udpPort, setting: 'LIVEKIT_UDP_PORT', protocol: 'udp', host: '0.0.0.0' },
  ]);
  // Keys stand in the file, never among the arguments, which every user of the machine can read.
  writeFileSync(configFile, config, { mode: 0o600 });
  const mark = spawnLivekit(options, configFile, logFile);
  writeRecord(pidFile, { ...mark, port, fingerprint });
  await waitUntilHealthy(mark, port, logFile).catch(async (error: unknown) => {
    await end(mark);
    rmSync(pidFile, { force: true });
    throw error;
  });
  return running(mark, false);
};
