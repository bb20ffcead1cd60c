/**
 * `recording recover`: rows from the journal. For a folder that no row knows (an older database was put back, the
 * folder comes from elsewhere) and for takes that nobody ended. Works beside a running server, which then renders at
 * once, and without one, whose next start does; what is being captured is left to the server.
 */
import { join } from 'node:path';
import { Problem } from '../../server/problems.ts';
import { readTimeline } from '../../server/recording/capture/measure-tracks.ts';
import { recorderIdentity } from '../../server/recording/captures.ts';
import type { RecoveredTake, RecoveryStore } from '../../server/recording/recovery.store.ts';
import { SAMPLE_RATE } from '../../server/recording/timeline.schema.ts';
import type { TimelineTake } from '../../server/recording/timeline.schema.ts';
import { randomId } from '../../server/platform/ids.ts';
import { UsageError } from './arguments.ts';
import { captureLives } from './capture-lives.ts';
import type { Instance } from './instance.ts';
import { readManifest } from './manifest.ts';
import { masterQueue } from './master-queue.ts';

const recoveredTake = ({ takeId, ordinal, startedAtMs, lengthSamples, stopReason }: TimelineTake): RecoveredTake => ({
  id: takeId,
  ordinal,
  startedAtMs,
  stoppedAtMs: startedAtMs + (lengthSamples * 1000) / SAMPLE_RATE,
  lengthSamples,
  stopReason: stopReason ?? 'recovered',
});

/** The room that was named, or else the one that the folder's own manifest names. */
const insertRows = async (
  store: RecoveryStore,
  { id, dir }: { id: string; dir: string },
  takes: RecoveredTake[],
  given: string | undefined,
) => {
  const room = given ?? (await readManifest(dir))?.room.slug;
  if (!room) throw new UsageError('No row knows this recording. Say which room it belongs to: --room ROOM');
  const fromMs = Math.min(...takes.map((take) => take.startedAtMs));
  const toMs = Math.max(...takes.map((take) => take.stoppedAtMs));
  const made = { id, identity: recorderIdentity(id), sessionId: randomId(), fromMs, toMs };
  if (!(await store.insertRecording(room, made))) throw new UsageError(`There is no room ${room}.`);
};

/** Throws `recording-running` while something captures, `nothing-recorded` when the folder holds no sound. */
export const recoverRecording = async (instance: Instance, store: RecoveryStore, id: string, room?: string) => {
  const { config } = instance;
  const dir = join(config.recordingsDir, id);
  const rows = await store.one(id);
  if ((await captureLives(dir)) || rows?.liveSession.state === 'live') {
    const detail = 'The live session of this recording is still on, and its server keeps it in order. End it first.';
    throw new Problem('recording-running', { detail });
  }
  const takes = (await readTimeline(dir)).takes.filter((take) => take.lengthSamples > 0).map(recoveredTake);
  if (takes.length === 0) throw new Problem('nothing-recorded', { detail: 'This folder holds no sound.' });
  if (!rows) await insertRows(store, { id, dir }, takes, room);
  const closed: number[] = [];
  for (const take of takes) if (await store.closeTake(id, take)) closed.push(take.ordinal);
  await store.closeRecording(id, new Date());
  const queued = await masterQueue(instance)(id);
  return { id, rows: rows ? 'kept' : 'made', takesClosed: closed, master: queued ? 'queued' : 'is there' };
};
