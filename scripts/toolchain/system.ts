/* What of the machine itself the toolchain relies on: programs on PATH, who we are, where others may look. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Absolute path of a program on PATH, or undefined. */
export const onPath = (program: string, path = process.env['PATH'] ?? ''): string | undefined =>
  path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);

/** True for a file this user may execute. */
export const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

export const isRoot = (): boolean => process.getuid?.() === 0;

/** The user that Postgres runs as when we are root (it refuses root, and initdb wants a user with a name). */
export const unprivilegedUser = (): { uid: number; gid: number } => {
  const ask = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }).trim());
  return { uid: ask('-u'), gid: ask('-g') };
};

/** True when every user may walk down to this folder: every ancestor that exists lets others pass. */
export const isEnterableByAll = (path: string): boolean => {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
};

/** A folder every user may enter, for root's Postgres: /var/lib/loggia, or one in the temporary folder. */
export const openFolder = (): string => {
  for (const folder of ['/var/lib/loggia', join(tmpdir(), 'loggia-shared')]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      if (isEnterableByAll(folder)) return folder;
    } catch {
      // Not writable: try the next.
    }
  }
  throw new Error('No folder was found that every user may enter, which Postgres needs when started by root.');
};
