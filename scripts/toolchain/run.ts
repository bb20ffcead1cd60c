/* Programs that are run to their end while something is fetched or built, so that Ctrl-C can reach them all. */
import { execFile } from 'node:child_process';
import type { ChildProcess, ExecFileOptions } from 'node:child_process';
import { promisify } from 'node:util';

const running = new Set<ChildProcess>();

/** Counts a child among those that `interruptRuns` reaches, as long as it runs. */
export const track = <Child extends ChildProcess>(child: Child): Child => {
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
};

/** Runs a program to its end. Rejects, with `stdout` and `stderr` on the error, when its exit code is not 0. */
export const run = (
  program: string,
  args: string[],
  options: ExecFileOptions = {},
): Promise<{ stdout: string; stderr: string }> => {
  const promise = promisify(execFile)(program, args, { maxBuffer: 64_000_000, ...options, encoding: 'utf8' });
  track(promise.child);
  return promise;
};

let interrupted = false;

/** True once `interruptRuns` was called: nothing long should be begun any more. */
export const wasInterrupted = (): boolean => interrupted;

/** Sends SIGINT to everything that is being run. */
export const interruptRuns = (): void => {
  interrupted = true;
  for (const child of running) child.kill('SIGINT');
};
