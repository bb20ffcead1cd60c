/**
 * Clears from the folders of recordings what nobody needs any more: published folders that no master names, and what
 * renders left in `work/` when they are over. Nothing that is younger than an hour is ever touched, so a file that was
 * made a moment ago and is named a moment later is safe, in this process and in any other.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { clearAttempt } from './render/workshop.ts';
import type { SweepStore } from './sweeping.store.ts';

const SAFE_MS = 3_600_000;
/** What a failed or cancelled render had finished waits that long for its host to try again. */
const KEPT_FOR_RETRY_MS = 7 * 24 * SAFE_MS;

type Deps = { sweep: SweepStore; recordingsDir: string; clock: Clock; log: FastifyBaseLogger };

/** The entries of a folder with their age, none when there is no such folder. */
const entriesOf = async (folder: string, nowMs: number) => {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return { name, isFolder: found?.isDirectory() ?? false, ageMs: found ? nowMs - found.mtimeMs : 0 };
    }),
  );
};

export const sweeping = ({ sweep, recordingsDir, clock, log }: Deps) => {
  const sweepPublished = async (recordingId: string, nowMs: number): Promise<string[]> => {
    const shelf = join(recordingsDir, recordingId, 'publish');
    const old = (await entriesOf(shelf, nowMs)).filter(({ ageMs }) => ageMs > SAFE_MS);
    if (old.length === 0) return [];
    const named = await sweep.namedFolders(recordingId);
    const dead = old.filter(({ name }) => !named.has(`publish/${name}`));
    for (const { name } of dead) await rm(join(shelf, name), { recursive: true, force: true });
    return dead.map(({ name }) => `publish/${name}`);
  };

  /** A finished stage may be taken up again while any master of the recording may go on. */
  const sweepWork = async (recordingId: string, nowMs: number): Promise<string[]> => {
    const work = join(recordingsDir, recordingId, 'work');
    const old = (await entriesOf(work, nowMs)).filter(({ ageMs }) => ageMs > SAFE_MS);
    if (old.length === 0) return [];
    const states = await sweep.statesOf(recordingId);
    if (states.has('rendering')) return [];
    const mayGoOn = ['queued', 'failed', 'cancelled'].some((state) => states.has(state));
    const dead = old.filter(({ isFolder, ageMs }) => isFolder || !mayGoOn || ageMs > KEPT_FOR_RETRY_MS);
    for (const { name, isFolder } of dead) {
      if (isFolder) await clearAttempt(join(work, name));
      else await rm(join(work, name), { force: true });
    }
    return dead.map(({ name }) => `work/${name}`);
  };

  const sweepOne = async (recordingId: string): Promise<void> => {
    const nowMs = clock.now().getTime();
    await sweep.retire(recordingId, new Date(nowMs - SAFE_MS));
    const gone = [...(await sweepPublished(recordingId, nowMs)), ...(await sweepWork(recordingId, nowMs))];
    if (gone.length > 0) log.info({ recordingId, gone }, 'swept');
  };

  return {
    /** One recording; failures are logged, for nobody waits for a broom. */
    sweep: async (recordingId: string): Promise<void> => {
      await sweepOne(recordingId).catch((error: unknown) => log.warn({ err: error, recordingId }, 'not swept'));
    },
    /** Every recording that has masters, one after another. */
    sweepAll: async (): Promise<void> => {
      const all = await sweep.recordings();
      for (const recordingId of all) {
        await sweepOne(recordingId).catch((error: unknown) => log.warn({ err: error, recordingId }, 'not swept'));
      }
    },
  };
};

export type Sweeping = ReturnType<typeof sweeping>;
