/** Writes that survive a power cut: the file, then its name. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the name of a newly created or renamed file durable. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** Replaces a small file as a whole: temporary file, fsync, rename, fsync of the folder. */
export const replaceFile = async (path: string, content: string): Promise<void> => {
  const temporary = `${path}.${process.pid}.tmp`;
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
