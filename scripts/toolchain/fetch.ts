/* Fetching files: release archives whose SHA-256 we know, and wheels from PyPI, which pip verifies. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../launch/cache.mjs';
import { onPath } from './system.ts';
import { run } from './run.ts';

/** Runs `task` in a fresh folder inside the cache (so that results can be renamed into place) and removes it. */
export const inScratchFolder = async <T>(task: (folder: string) => Promise<T>): Promise<T> => {
  mkdirSync(cacheDir(), { recursive: true });
  removeOldScratch();
  const folder = mkdtempSync(join(cacheDir(), 'fetch-'));
  try {
    return await task(folder);
  } finally {
    // Go's module cache is read-only; nothing of it is in here, but tools may leave such files all the same.
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

const dayMs = 86_400_000;

/** What a killed process left half fetched or half built. */
const removeOldScratch = (): void => {
  for (const name of readdirSync(cacheDir()).filter((entry) => entry.startsWith('fetch-'))) {
    const folder = join(cacheDir(), name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > dayMs) rmSync(folder, { recursive: true, force: true });
  }
};

/** Throws when `content` is not what its publisher signed for. */
export const assertSha256 = (content: Uint8Array, sha256: string, what: string): void => {
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== sha256) throw new Error(`${what} was refused: its SHA-256 is ${actual} and should be ${sha256}`);
};

/** Fetches a file of at most some hundred megabytes into `target`. Nothing is written unless its SHA-256 is right. */
export const download = async (url: string, sha256: string, target: string): Promise<void> => {
  let content: Uint8Array;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(300_000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    content = await response.bytes();
  } catch (error) {
    const cause = (error as Error).cause as { code?: string } | undefined;
    throw new Error(`${url} could not be fetched (${cause?.code ?? (error as Error).message})`, { cause: error });
  }
  assertSha256(content, sha256, url);
  writeFileSync(target, content);
};

/** Downloads one wheel by pip, without installing it, and unpacks it into `folder`. */
export const unpackWheel = async (specifier: string, folder: string): Promise<void> => {
  const python = onPath('python3') ?? onPath('python');
  if (!python) throw new Error('there is no Python');
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  const quiet = { cwd: folder };
  await run(python, [...pip, '--dest', folder, specifier], quiet);
  const wheel = readdirSync(folder).find((file) => file.endsWith('.whl'));
  if (!wheel) throw new Error(`pip brought no wheel for ${specifier}`);
  await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder], quiet);
};
