#!/usr/bin/env node
/*
 * Starts every command of this project: `node scripts/launch.mjs <command> [arguments]`, or `npm run <command>`.
 * It is plain JavaScript without dependencies, because it runs first on a fresh machine, on any Node from 18 on: it
 * finds or fetches the Node the project wants, installs the dependencies when the lockfile asks for it, and then runs
 * `scripts/<command>.ts` under that Node, passing on signals and the exit code.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from './launch/cache.mjs';
import { ensureDependencies } from './launch/dependencies.mjs';
import { ensureNode } from './launch/node.mjs';
import { isAlive, npmAbove } from './launch/processes.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Commands that judge the code, not an instance: the operator's `.env` must not change what they find. */
const withoutSettings = new Set(['bench-recording', 'check', 'format', 'generate', 'migration', 'openapi', 'test']);

/** The commands are those that package.json offers as `npm run <name>`. */
const listCommands = () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = Object.values(scripts).map((script) => /^node scripts\/launch\.mjs ([a-z-]+)/.exec(script)?.[1]);
  return [...new Set(named)].filter((name) => name && existsSync(join(root, 'scripts', `${name}.ts`))).sort();
};

const say = (line) => process.stderr.write(`${line}\n`);

/** Calls `onGone` once when the npm that started us has been killed: no Ctrl-C could reach us any more. */
const watchNpm = (onGone) => {
  const npm = npmAbove();
  if (!npm) return;
  const timer = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(timer);
    onGone();
  }, 1000);
  timer.unref();
};

const run = (node, command, args) => {
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
    // Halves the time a process needs to load its modules, from the second start on.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(cacheDir(), 'compiled'),
  };
  const file = join(root, '.env');
  const settings = !withoutSettings.has(command) && existsSync(file) ? [`--env-file=${file}`] : [];
  const script = join(root, 'scripts', `${command}.ts`);
  const child = spawn(node, [...settings, script, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  watchNpm(() => child.kill('SIGTERM'));
  child.once('error', (error) => {
    say(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
};

const main = async () => {
  const [command, ...args] = process.argv.slice(2);
  const commands = listCommands();
  if (!command || !commands.includes(command)) {
    say(`${command ? `There is no command "${command}". ` : ''}Commands: ${commands.join(', ')}`);
    process.exit(2);
  }
  const node = await ensureNode({ say });
  await ensureDependencies({ root, node, say });
  run(node, command, args);
};

main().catch((error) => {
  say(error.message);
  process.exit(1);
});
