/** Recordings: what there is, whether it is whole, rows made anew, and a folder for other programs. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Arguments } from './arguments.ts';
import { UsageError } from './arguments.ts';
import type { Instance } from './instance.ts';

type Command = (instance: Instance, given: Arguments) => Promise<object>;

const storeOf = async ({ database }: Instance) => {
  const { recoveryStore } = await import('../../server/recording/recovery.store.ts');
  return recoveryStore(database.prisma);
};

/** The id of a recording whose folder is there. */
const folderId = ({ config }: Instance, { id }: Arguments): string => {
  if (!id) throw new UsageError('Which recording? `recording list` shows them.');
  if (!/^[\w-]{1,64}$/.test(id) || !existsSync(join(config.recordingsDir, id))) {
    throw new UsageError(`There is no folder ${join(config.recordingsDir, id)}.`);
  }
  return id;
};

export const recordingCommands: Record<string, Command> = {
  'recording list': async (instance) => {
    const { listRecordings } = await import('./recording-list.ts');
    return listRecordings(instance.config.recordingsDir, await (await storeOf(instance)).all());
  },
  'recording verify': async (instance, given) => {
    const id = folderId(instance, given);
    const { verifyRecording } = await import('./recording-verify.ts');
    return verifyRecording(instance.config, id, await (await storeOf(instance)).one(id));
  },
  'recording recover': async (instance, given) => {
    const id = folderId(instance, given);
    const { recoverRecording } = await import('./recording-recover.ts');
    return recoverRecording(instance, await storeOf(instance), id, given.flags.room);
  },
  'recording export': async (instance, given) => {
    const id = folderId(instance, given);
    const { exportRecording } = await import('./recording-export.ts');
    const { to = `loggia-${id}`, wav } = given.flags;
    const rows = await (await storeOf(instance)).one(id);
    return exportRecording({ config: instance.config, id, rows, to: resolve(to), format: wav ? 'wav' : 'flac' });
  },
};
