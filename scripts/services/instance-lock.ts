/* One launcher per data folder. A lock whose holder was killed is taken over; one that is stopping is waited for. */
import { join } from 'node:path';
import { lockHolder, tryLock } from '../launch/lock.mjs';
import type { HeldLock } from '../launch/lock.mjs';
import { waitForEnd } from './process-file.ts';

const stopping = 'stopping';

/** Takes the data folder, or throws who has it. `stopping()` tells the next launcher that it only has to wait. */
export const lockInstance = async (
  dataDir: string,
  address: string,
): Promise<{ stopping: () => void; release: () => void }> => {
  const path = join(dataDir, 'launcher.lock');
  let lock: HeldLock | undefined = tryLock(path, address);
  const holder = lock ? undefined : lockHolder(path);
  if (holder?.note === stopping) {
    await waitForEnd(holder, 12_000);
    lock = tryLock(path, address);
  }
  if (!lock) {
    throw new Error(
      `Loggia already runs here: ${holder?.note ?? 'another launcher'} (process ${holder?.pid}). Stop that one first, or set DATA_DIR, RECORDINGS_DIR and the ports for a second instance.`,
    );
  }
  const held = lock;
  return { stopping: () => held.note(stopping), release: held.release };
};
