/** What goes wrong in the evening on purpose: processes that are killed, networks that are cut. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { POINTER_FILE, PointerSchema } from '../../server/recording/capture/control.schema.ts';
import { until } from '../../test/support/wait.ts';
import type { Stack } from '../stack.ts';
import type { Victim } from './options.ts';

const PARTS: Record<Exclude<Victim, 'capture'>, string> = { api: 'The server', livekit: 'LiveKit' };

const capturePid = async (recordingsDir: string, recordingId: string): Promise<number> =>
  until(
    async () => {
      const text = await readFile(join(recordingsDir, recordingId, POINTER_FILE), 'utf8').catch(() => '');
      return text && PointerSchema.parse(JSON.parse(text)).pid;
    },
    { what: 'a capture runs' },
  );

/** `kill -9`; answers the process that was killed. Whoever supervises it has to notice by itself. */
export const killPart = async (
  { pids, config }: Pick<Stack, 'pids' | 'config'>,
  victim: Victim,
  recordingId: string | undefined,
): Promise<number> => {
  if (victim === 'capture' && recordingId === undefined) throw new Error('--kill capture: nothing was recorded yet');
  const pid = victim === 'capture' ? await capturePid(config.recordingsDir, recordingId!) : pids()[PARTS[victim]];
  if (!pid) throw new Error(`--kill ${victim}: it does not run`);
  process.kill(pid, 'SIGKILL');
  return pid;
};
