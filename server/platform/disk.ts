import { mkdir, statfs } from 'node:fs/promises';

const enoughBytes = 200 * 1024 * 1024;

/** What an ordinary user may still write on the disk of `folder`, which is made if it is not there. */
export const freeBytesIn = async (folder: string): Promise<number> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** Whether `folder` is there, or can be made, and its disk has at least 200 MiB to spare. */
export const hasDiskSpace = async (folder: string): Promise<boolean> => (await freeBytesIn(folder)) >= enoughBytes;
