/*
 * Processes that may outlive the one that started them are remembered by number and start time: a number alone may
 * by now belong to somebody else.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** When the process began, as an opaque text; undefined when there is none or only its zombie is left. */
export const startTimeOf = (pid) => {
  if (process.platform !== 'linux') return startTimeFromPs(pid);
  try {
    // Field 2 is the program's name in brackets and may hold anything; field 3 is the state, field 22 the start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

const startTimeFromPs = (pid) => {
  try {
    const [state, ...start] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
};

const parentOf = (pid) => {
  if (process.platform !== 'linux') return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)]));
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
};

const commandOf = (pid) =>
  process.platform === 'linux'
    ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    : execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });

/** The npm that started us: our parent, or that of the shell between npm and us. Undefined when there is none. */
export const npmAbove = () => {
  try {
    if (!process.env.npm_execpath) return undefined;
    const npm = [process.ppid, parentOf(process.ppid)].find((pid) => /^npm\b/.test(commandOf(pid)));
    return npm && processMark(npm);
  } catch {
    return undefined;
  }
};

/** What is written into pid files: `{ pid, startedAt }`. */
export const processMark = (pid) => ({ pid, startedAt: startTimeOf(pid) });

/** True while exactly that process is alive. */
export const isAlive = (mark) =>
  mark?.startedAt !== undefined && Number.isInteger(mark.pid) && startTimeOf(mark.pid) === mark.startedAt;
