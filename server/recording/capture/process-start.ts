/** Telling a living process from another one that was given its number. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * When the process began, in a form only good for comparing: clock ticks since boot on Linux (proc(5), field 22 of
 * stat), ps's date elsewhere. Undefined when there is no such process.
 */
export const processStartTime = async (pid: number): Promise<string | undefined> => {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // The command's name, in parentheses, may hold anything: count from behind it.
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  }
  const ps = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  return ps?.stdout.trim() || undefined;
};
