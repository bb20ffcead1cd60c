/** Disks that fail: one that is full, and one that answers chosen calls of a process with an error. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { isRoot, onPath } from '../../scripts/toolchain/system.ts';
import { resolveStrace } from '../../scripts/toolchain/strace.ts';

const run = promisify(execFile);

export type SmallDisk = { how: 'tmpfs' | 'file size'; dispose: () => Promise<void> };

/** What a failed test leaves mounted goes with its process. */
const mounted = new Set<string>();
process.once('exit', () => mounted.forEach((dir) => execFileSync('umount', ['-l', dir])));

/**
 * Leaves `bytes` for what process `pid` writes into `dir`, an empty folder: as root by a small disk mounted there,
 * otherwise by a limit to the size of each file it writes (Node ignores the signal for it, the write fails).
 */
export const smallDisk = async ({
  dir,
  pid,
  bytes,
}: {
  dir: string;
  pid: number;
  bytes: number;
}): Promise<SmallDisk> => {
  if (!isRoot()) {
    if (!onPath('prlimit')) throw new Error('No prlimit was found for the tests with a full disk: install util-linux.');
    await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}`]);
    return { how: 'file size', dispose: async () => {} };
  }
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'loggia-small-disk', dir]);
  mounted.add(dir);
  const dispose = async (): Promise<void> => {
    if (mounted.delete(dir)) await run('umount', ['-l', dir]);
  };
  return { how: 'tmpfs', dispose };
};

export type FailingCalls = {
  /** The epoch ms of the first call that was answered with the error. */
  failedAt: Promise<number>;
  stop: () => Promise<void>;
};

/**
 * From when this resolves, calls `name` of process `pid` on `file` are answered with `error`, without being carried
 * out. Throws with advice where strace cannot be had or may not trace.
 */
export const failCalls = async (order: {
  pid: number;
  file: string;
  name: 'write' | 'fdatasync';
  error: 'EIO' | 'ENOSPC';
}): Promise<FailingCalls> => {
  const { path } = await resolveStrace(() => {});
  const { pid, file, name, error } = order;
  // A file that is appended to is written with write, one that is written at a place with pwrite64.
  const calls = name === 'write' ? 'write,pwrite64,writev' : name;
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  const child = spawn(path, ['-f', '-p', String(pid), '-P', file, ...inject], { stdio: ['ignore', 'ignore', 'pipe'] });
  const attached = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<number>();
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (line.includes('attached')) attached.resolve();
    if (line.includes('(INJECTED)')) failed.resolve(Date.now());
  });
  const ended = once(child, 'exit');
  void ended.then(() => attached.reject(new Error(`strace cannot trace process ${pid}: ${said.join(' ')}`)));
  failed.promise.catch(() => {});
  await attached.promise;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { failedAt: failed.promise, stop };
};
