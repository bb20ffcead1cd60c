import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { adoptCapture, killCapture } from './capture.client.ts';

const finishOne = async (dir: string, withinMs: number): Promise<boolean> => {
  const handle = await adoptCapture(dir);
  if (!handle) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too slow')), withinMs);
  });
  try {
    await Promise.race([handle.finish(), late]);
  } catch {
    await killCapture(dir);
  } finally {
    clearTimeout(timer);
  }
  return true;
};

/**
 * Finishes every capture that lives below `recordingsDir`: takes are closed and their last sample is on disk. One that
 * does not answer within `withinMs` is killed; its journal and files hold all but the last instants. Returns how many.
 * For whoever stops the whole house; a server that only restarts leaves its captures alone.
 */
export const endCaptures = async (recordingsDir: string, withinMs = 5_000): Promise<number> => {
  const entries = await readdir(recordingsDir, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(recordingsDir, entry.name));
  const ended = await Promise.all(folders.map((dir) => finishOne(dir, withinMs)));
  return ended.filter(Boolean).length;
};
