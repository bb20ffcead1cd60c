/** A track file whose beginning the disk lost: without its header no decoder reads the rest, which is whole. */
import { open } from 'node:fs/promises';
import { flacHeader } from './flac.ts';

/**
 * Writes the header of a file of unknown length back where zeros took its place; all our tracks have the same. Leaves
 * every other file, and one that is missing, as it is. Answers whether it did anything.
 */
export const mendFlacHeader = async (path: string): Promise<boolean> => {
  const file = await open(path, 'r+').catch(() => undefined);
  if (!file) return false;
  try {
    const header = flacHeader();
    const head = Buffer.alloc(header.length);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    if (bytesRead < head.length || head.some((byte) => byte !== 0)) return false;
    await file.write(header, 0, header.length, 0);
    await file.datasync();
    return true;
  } finally {
    await file.close();
  }
};
