/* strace, for the tests that let the disk fail at chosen calls. Never skipped for want of it: found, installed, or an error. */
import { join } from 'node:path';
import { cacheDir } from '../launch/cache.mjs';
import { withLock } from '../launch/lock.mjs';
import { aptInstall, canAptInstall } from './apt.ts';
import { firstOf } from './part.ts';
import type { Part, Say } from './part.ts';
import { onPath } from './system.ts';
import { run } from './run.ts';

const advice =
  'No strace was found for the tests with a failing disk. Install one (Debian: apt-get install strace) and let this ' +
  'user trace its own processes (as root, or with kernel.yama.ptrace_scope = 0).';

const installed = async (source: string): Promise<Part | undefined> => {
  const path = onPath('strace');
  if (!path) return undefined;
  const { stdout } = await run(path, ['--version']);
  return { path, source, version: /version ([\d.]+)/.exec(stdout)?.[1] ?? 'unknown' };
};

const fromApt = async (say: Say): Promise<Part | undefined> => {
  if (!canAptInstall()) return undefined;
  await aptInstall('strace', say);
  return installed('apt-get');
};

/** An strace on PATH; when there is none it is installed with apt-get. */
export const resolveStrace = async (say: Say): Promise<Part> => {
  const ways = [
    { name: 'PATH', get: () => installed('PATH') },
    { name: 'apt-get', get: () => fromApt(say) },
  ];
  return (await installed('PATH')) ?? withLock(join(cacheDir(), 'strace.lock'), () => firstOf(ways, advice));
};
