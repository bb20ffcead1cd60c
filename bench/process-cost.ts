/** What a process and all its descendants cost (Linux): processor time and memory, out of /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** The fields of proc_pid_stat(5) after the name, which may hold anything. */
const statOf = (pid: number | 'self'): string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

const orNothing = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    // It has ended since it was listed
    return undefined;
  }
};

/** The process and everything it started that still runs. */
export const treeOf = (root: number): number[] => {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) && orNothing(() => statOf(Number(name)));
    if (stat) parents.set(Number(name), Number(stat[1]));
  }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
};

/** User and system time in seconds of these processes, and of their children that have ended (fields 14 to 17). */
export const cpuSecondsOf = (pids: readonly (number | 'self')[]): number =>
  pids.reduce<number>((sum, pid) => {
    const ticks = orNothing(() => statOf(pid).slice(11, 15).map(Number)) ?? [];
    return sum + ticks.reduce((total, one) => total + one, 0) / TICKS_PER_SECOND;
  }, 0);

/** Memory in MiB; what several processes share is counted once (proportional set size). */
export const memoryMibOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const rollup = orNothing(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? '';
    return sum + Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024;
  }, 0);

/** Processor time of this process and of its children that have ended, spent while `work` ran; wall time beside it. */
export const timed = async (work: () => Promise<unknown>): Promise<{ cpuSeconds: number; wallSeconds: number }> => {
  const [cpuBefore, wallBefore] = [cpuSecondsOf(['self']), performance.now()];
  await work();
  return { cpuSeconds: cpuSecondsOf(['self']) - cpuBefore, wallSeconds: (performance.now() - wallBefore) / 1000 };
};
