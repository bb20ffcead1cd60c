/** Writes that survive a power cut: the file, then its name. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomId } from './ids.ts';

/** Makes the name of a newly created or renamed file durable. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** Replaces or makes a file as a whole: temporary file, fsync, rename, fsync of the folder. */
export const replaceFile = async (path: string, content: string | Uint8Array): Promise<void> => {
  const temporary = `${path}.${randomId()}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(path);
};
