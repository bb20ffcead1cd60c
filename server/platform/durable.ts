/** Writes that survive a power cut: first the bytes, then the name. */
import { open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomId } from './ids.ts';

/** Waits until the disk holds a file's bytes, or a folder's names. */
export const flush = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Makes the name of a newly created or renamed file durable. */
export const flushName = (path: string): Promise<void> => flush(dirname(path));

/** Gives a complete file or folder its final name: after a power cut there is either all of it or nothing. */
export const settle = async (temporary: string, final: string): Promise<void> => {
  await flush(temporary);
  await rename(temporary, final);
  await flushName(final);
};

/** Replaces or makes a file as a whole; `temporary` lies on the same disk, beside it unless said otherwise. */
export const replaceFile = async (
  path: string,
  content: string | Uint8Array,
  temporary = `${path}.${randomId()}.tmp`,
): Promise<void> => {
  await writeFile(temporary, content, { mode: 0o600 });
  await settle(temporary, path);
};
