import { mkdir, statfs } from 'node:fs/promises';

const enoughBytes = 200 * 1024 * 1024;

/** Whether `folder` is there, or can be made, and its disk has at least 200 MiB to spare. */
export const hasDiskSpace = async (folder: string): Promise<boolean> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize >= enoughBytes;
};
