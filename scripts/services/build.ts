/* What is made from the sources before the server can run: generated code and the web app, each only when stale. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../launch/lock.mjs';
import { projectRoot } from '../settings/environment.ts';
import { run, track } from '../toolchain/run.ts';

const webInputs = [
  'web/**',
  'server/**/*.schema.ts',
  'index.html',
  'vite.config.ts',
  'svelte.config.js',
  'package-lock.json',
];

// Made from other inputs, and made again by the build.
const generated = ['web/paraglide/**', 'web/api/openapi.d.ts'];

const outFolder = join(projectRoot, 'dist');
// Inside the output, so that both vanish together.
const stamp = join(outFolder, '.inputs.sha256');

const hashOfInputs = (): string => {
  const hash = createHash('sha256');
  for (const file of globSync(webInputs, { cwd: projectRoot, exclude: generated }).toSorted()) {
    const path = join(projectRoot, file);
    if (statSync(path).isFile()) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex');
};

const runNode = async (what: string, args: string[]): Promise<void> => {
  try {
    const env = { ...process.env, NODE_ENV: 'production' };
    await run(process.execPath, args, { cwd: projectRoot, env });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${what} failed:\n${`${stdout}\n${stderr}`.trim()}`, { cause: error });
  }
};

/** Makes the Prisma client, the messages and the API's types where their inputs have changed. */
export const generateCode = (): Promise<void> =>
  withLock(join(projectRoot, 'node_modules', '.loggia-generate.lock'), () =>
    // In a process of its own: the generators are large and leave timers behind.
    runNode('Generating code', [join(projectRoot, 'scripts', 'generate.ts'), '--if-stale']),
  );

const vite = join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js');

/** Builds the web app again whenever one of its files changes, until this process ends. For development. */
export const watchWeb = (): void => {
  track(spawn(process.execPath, [vite, 'build', '--watch'], { cwd: projectRoot, stdio: 'inherit' }));
};

/** Builds the web app into dist/ unless its inputs are those of the last build; true when it was built. */
export const buildWeb = (say: (line: string) => void): Promise<boolean> =>
  withLock(join(projectRoot, 'node_modules', '.loggia-web.lock'), async () => {
    const hash = hashOfInputs();
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
    say('Building the web app ...');
    await runNode('Building the web app', [vite, 'build']);
    writeFileSync(stamp, hash);
    return true;
  });
