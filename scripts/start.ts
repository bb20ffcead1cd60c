/*
 * `npm start`: brings everything up, says what is used and why, and stays until Ctrl-C. With `--dev` (`npm run dev`)
 * the server and the web app follow every change of their files.
 */
import { watchWeb } from './services/build.ts';
import { startAll } from './stack.ts';
import type { Stack, StackOptions, UsedPart } from './stack.ts';
import { interruptRuns } from './toolchain/run.ts';

const say = (line: string): void => console.log(line);

const table = (rows: UsedPart[]): string => {
  const widths = (['part', 'version'] as const).map((key) => Math.max(...rows.map((row) => row[key].length)));
  const line = ({ part, version, why }: UsedPart) =>
    `  ${part.padEnd(widths[0] ?? 0)}  ${version.padEnd(widths[1] ?? 0)}  ${why}`;
  return rows.map(line).join('\n');
};

/** Why this Node: the one the launcher was started with, or the one it fetched. */
const nodeInUse = (): UsedPart => {
  const cached = process.execPath.includes('loggia/node');
  return {
    part: 'Node',
    version: process.version.slice(1),
    why: cached ? 'cache' : `this machine, ${process.execPath}`,
  };
};

/**
 * Calls `stop` at the first signal, or when the launcher above us has died, and `force` at the second. One Ctrl-C may
 * arrive several times, from the terminal and from npm: whatever comes within a second of the first is the same one.
 */
const onSignals = (stop: () => void, force: () => void): void => {
  let firstAt: number | undefined;
  const handle = (): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      stop();
    } else if (now - firstAt > 1000) force();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle);
  process.once('disconnect', handle);
};

/** What a second Ctrl-C does: no more waiting for anything. */
const killAll = (stack: Stack | undefined): never => {
  for (const pid of Object.values(stack?.pids() ?? {})) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is already gone.
    }
  }
  process.exit(1);
};

const announce = (stack: Stack): void => {
  say(`\n${table([nodeInUse(), ...stack.used])}\n`);
  say(`Loggia is ready: ${stack.baseUrl}`);
  const link = stack.setupLink();
  if (link) say(`Make the first host here (this link works once): ${link}`);
  say('Ctrl-C stops everything.');
};

const exitWith = (error: Error): never => {
  console.error(error.message);
  process.exit(1);
};

/** Called when the instance is ready; an exit code stops it, nothing lets it stay until a signal. */
export type OnReady = (stack: Stack) => Promise<number | void> | void;

/** Runs one instance until a signal, or until `onReady` says so, then exits the process. */
export const runInstance = async (options: StackOptions = {}, onReady: OnReady = announce): Promise<void> => {
  const ending = new AbortController();
  const running: { stack?: Stack; isStopping?: boolean } = {};
  const stop = async (exitCode = 0): Promise<void> => {
    if (!running.stack) return ending.abort(new Error('Stopped before it was ready.'));
    if (running.isStopping) return;
    running.isStopping = true;
    interruptRuns();
    say('Stopping ...');
    await running.stack.stop();
    say('Stopped.');
    process.exit(exitCode);
  };
  // A terminal that has gone away must not end us in the middle of stopping.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  onSignals(
    () => void stop(),
    () => killAll(running.stack),
  );
  running.stack = await startAll({ ...options, say, signal: ending.signal }).catch(exitWith);
  const exitCode = await onReady(running.stack);
  if (typeof exitCode === 'number') await stop(exitCode);
};

const main = async (args: string[]): Promise<void> => {
  const dev = args.includes('--dev');
  const unknown = args.filter((arg) => arg !== '--dev');
  if (unknown.length > 0) exitWith(new Error(`npm start takes no ${unknown.join(' ')}; settings go into .env.`));
  await runInstance({ watch: dev }, (stack) => {
    announce(stack);
    if (dev) watchWeb();
  });
};

if (import.meta.main) await main(process.argv.slice(2));
