/*
 * ffmpeg runs in a process group of its own, so it outlives a parent that is killed outright. Whoever starts one notes
 * its pid together with its start time; a later run may then end exactly that process and never a stranger that was
 * given the same number.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** `startedAt` is the kernel's own start time of the process, in ticks since boot; null where it cannot be read. */
export const ProcessNoteSchema = z.object({ pid: z.int().positive(), startedAt: z.string().nullable() });
export type ProcessNote = z.infer<typeof ProcessNoteSchema>;

export const noteProcess = (pid: number): ProcessNote => ({ pid, startedAt: startTimeOf(pid) });

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); the command name before it may itself hold spaces and brackets. */
const startTimeOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
};

/** Ends the whole group of a noted process if it still is that process. Says whether anything was ended. */
export const endOrphan = (note: ProcessNote): boolean => {
  if (note.startedAt === null || startTimeOf(note.pid) !== note.startedAt) return false;
  try {
    process.kill(-note.pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
};
