/*
 * Dependencies are installed with `npm ci` when the lockfile is not the one they were installed from. What a person
 * has installed by hand from the same lockfile is accepted as it is.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { withLock } from './lock.mjs';

const sha256 = (content) => createHash('sha256').update(content).digest('hex');

const stampPath = (root) => join(root, 'node_modules', '.loggia-installed');

const wantedStamp = (root) =>
  `${sha256(readFileSync(join(root, 'package-lock.json')))} ${process.platform}-${process.arch}`;

const hasStamp = (root) =>
  existsSync(stampPath(root)) && readFileSync(stampPath(root), 'utf8').trim() === wantedStamp(root);

/**
 * True when every package the lockfile requires is installed in its version, according to npm's own record of
 * node_modules. Optional packages may be missing: they are, wherever the platform is another.
 */
export const isSatisfied = (lockfile, installed) =>
  Object.entries(lockfile.packages).every(
    ([path, wanted]) =>
      path === '' || wanted.optional || wanted.link || installed.packages[path]?.version === wanted.version,
  );

const isInstalledByHand = (root) => {
  try {
    const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
    return isSatisfied(read('package-lock.json'), read('node_modules/.package-lock.json'));
  } catch {
    return false;
  }
};

/** Makes node_modules match the lockfile. `say` gets one line before an installation. Throws with npm's output. */
export const ensureDependencies = async ({ root, node, say }) => {
  if (hasStamp(root)) return;
  const lock = join(tmpdir(), `loggia-install-${process.getuid?.() ?? 0}-${sha256(root).slice(0, 10)}.lock`);
  await withLock(lock, async () => {
    if (hasStamp(root)) return;
    if (!isInstalledByHand(root)) {
      say('Installing dependencies ...');
      await install({ root, node });
    }
    writeFileSync(stampPath(root), `${wantedStamp(root)}\n`);
  });
};

/** npm stays the machine's own; only the Node below it is ours, so that engine checks judge the right one. */
const install = ({ root, node }) =>
  new Promise((done, fail) => {
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: '', PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => fail(new Error(`npm could not be started: ${error.message}`)));
    child.once('close', (code) =>
      code === 0 ? done() : fail(new Error(`${output}\nnpm ci failed (exit code ${code}), see above.`)),
    );
  });
