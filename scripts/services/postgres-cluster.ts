/* Where a Postgres cluster lies and how it is made, with or without root. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isEnterableByAll, isRoot, openFolder } from '../toolchain/system.ts';
import { run } from '../toolchain/run.ts';

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

/**
 * The real folder of the cluster. Started by root, Postgres runs as another user; when that user may not walk down to
 * `dir`, the cluster lies in /var/lib/loggia under a random name and `dir` becomes a link to it.
 */
export const placeCluster = (dir: string): string => {
  mkdirSync(dirname(dir), { recursive: true });
  if (isLink(dir)) return readlinkSync(dir);
  if (!isRoot() || isEnterableByAll(dirname(dir))) return dir;
  if (existsSync(dir)) {
    throw new Error(
      `Postgres, which does not run as root, may not enter ${dir}: open its parent folders or move DATA_DIR.`,
    );
  }
  const folder = openFolder();
  sweep(folder);
  const elsewhere = join(folder, `cluster-${randomBytes(8).toString('hex')}`);
  symlinkSync(elsewhere, dir);
  writeFileSync(`${elsewhere}.home`, dir);
  return elsewhere;
};

/**
 * Deletes stopped clusters whose link lay in the temporary folder and is gone with it, as after a test in a throw-away
 * clone. Any other is kept: its link may be on a disk that is only not mounted now.
 */
const sweep = (folder: string): void => {
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.home'))) {
    const note = join(folder, name);
    const cluster = note.slice(0, -'.home'.length);
    const home = readFileSync(note, 'utf8');
    const isGone = home.startsWith(`${tmpdir()}/`) && !isLink(home);
    if (!isGone || existsSync(join(cluster, 'postmaster.pid'))) continue;
    rmSync(cluster, { recursive: true, force: true });
    rmSync(note, { force: true });
  }
};

/** Deletes a stopped cluster and the link to it. */
export const removeCluster = (dir: string): void => {
  if (isLink(dir)) {
    const cluster = readlinkSync(dir);
    rmSync(cluster, { recursive: true, force: true });
    rmSync(`${cluster}.home`, { force: true });
  }
  rmSync(dir, { recursive: true, force: true });
};

type NewCluster = {
  binDir: string;
  dataDir: string;
  user: string;
  password: string;
  owner: { uid?: number; gid?: number };
};

/** Makes the cluster when there is none. A half-made one of an interrupted start is made again. */
export const prepareCluster = async ({ binDir, dataDir, user, password, owner }: NewCluster): Promise<void> => {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return;
  const fresh = `${dataDir}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  const passwordFile = join(fresh, 'password');
  const cluster = join(fresh, 'cluster');
  mkdirSync(cluster);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  for (const path of [fresh, cluster, passwordFile]) {
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(path, owner.uid, owner.gid);
  }
  chmodSync(cluster, 0o700);
  // The built-in locale sorts by code point everywhere alike and needs no locale of the machine.
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--encoding=UTF8'];
  const args = ['-D', cluster, '-U', user, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', ...locale];
  await run(join(binDir, 'initdb'), args, { ...owner, cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
  // Succeeds where there is nothing or an empty folder, and refuses to replace anything else.
  renameSync(cluster, dataDir);
  rmSync(fresh, { recursive: true, force: true });
};
