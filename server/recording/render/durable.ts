import { open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Waits until the disk holds a file's bytes, or a folder's names. */
export const flush = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Gives a complete file or folder its final name: after a power cut there is either all of it or nothing. */
export const settle = async (temporary: string, final: string): Promise<void> => {
  await flush(temporary);
  await rename(temporary, final);
  await flush(dirname(final));
};

export const writeDurably = async (temporary: string, final: string, text: string): Promise<void> => {
  await writeFile(temporary, text);
  await settle(temporary, final);
};
