/**
 * What was made with a voice is made again without it. Masters that held it are withdrawn, which is when they stop being
 * served, and their files are deleted; those that are missed are queued again and take their place when they are ready.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import type { CutRange } from './master.ts';
import type { ReceiptsStore } from './receipts.store.ts';
import { planEpisode } from './render/plan.ts';
import type { RenderService } from './render.service.ts';
import type { RecordingTimeline } from './timeline.schema.ts';
import { deadFolders, kindOfNext, replacements } from './withdrawn-masters.ts';
import type { WithdrawnMastersStore } from './withdrawn-masters.store.ts';

/** What the chapter on the right does with the episodes of masters: told by the composition. */
export type EpisodesOfMasters = {
  /** Names only those whose voice remains, and plays `masterId` from now on. */
  retell: (oldMasterId: string, to: { masterId: string; speakers: string[] }) => Promise<void>;
  /** Takes down what plays a clip that is no more. */
  takeDown: (masterId: string) => Promise<void>;
};

export type RemakingDeps = {
  masters: WithdrawnMastersStore;
  receipts: ReceiptsStore;
  render: Pick<RenderService, 'end' | 'make'>;
  episodes: EpisodesOfMasters;
  /** Takes the replays of these takes away and has them built again. */
  remakeReplays: (recordingId: string, takeIds: ReadonlySet<string>) => Promise<void>;
  timelineOf: (recordingId: string) => Promise<RecordingTimeline>;
  /** Tells readers that a journal has changed. */
  journalChanged: (recordingId: string) => void;
  recordingsDir: string;
  clock: Clock;
};

export const remaking = (deps: RemakingDeps) => {
  const { masters, receipts, render, episodes } = deps;

  const speakersIn = (timeline: RecordingTimeline, cut: CutRange[]): string[] => [
    ...new Set(planEpisode(timeline, cut).voices.map(({ speaker }) => speaker)),
  ];

  const retellEpisodes = async (recordingId: string): Promise<void> => {
    const [timeline, all] = [await deps.timelineOf(recordingId), await masters.ofRecording(recordingId)];
    for (const { id, kind, cut } of all.filter(({ used, state }) => used && state === 'withdrawn')) {
      if (kind === 'clip') await episodes.takeDown(id);
      else await episodes.retell(id, { masterId: id, speakers: speakersIn(timeline, cut) });
    }
  };

  const makeMissing = async (recordingId: string): Promise<void> => {
    const all = await masters.ofRecording(recordingId);
    const missing = replacements(all).filter(({ by }) => !by);
    for (const { old } of missing) {
      const { cut, title, preset } = old;
      await render.make(recordingId, { kind: kindOfNext(old, all), cut, title: title ?? undefined, preset });
    }
  };

  /** What renders that were broken off left of the voice. */
  const clearWork = async (recordingId: string): Promise<void> => {
    const work = join(deps.recordingsDir, recordingId, 'work');
    for (const name of await readdir(work).catch(() => []))
      await rm(join(work, name), { recursive: true, force: true });
  };

  /** What a server that was killed had finished, and no row names. Only before anything is made again. */
  const clearNameless = async (recordingId: string, nowMs: number): Promise<void> => {
    const shelf = join(deps.recordingsDir, recordingId, 'publish');
    const named = new Set((await masters.ofRecording(recordingId)).flatMap(({ folders }) => folders));
    for (const name of await readdir(shelf).catch(() => [])) {
      if (named.has(`publish/${name}`) || (await stat(join(shelf, name))).mtimeMs > nowMs) continue;
      await rm(join(shelf, name), { recursive: true, force: true });
    }
  };

  return {
    clearNameless,

    /**
     * When this returns nothing of these takes that was made before `until` is served, and its files are gone. Waits
     * for no render.
     */
    without: async (recordingId: string, takeIds: ReadonlySet<string>, until: Date): Promise<void> => {
      const dir = join(deps.recordingsDir, recordingId);
      for (const masterId of await masters.withdraw(recordingId, takeIds, until)) render.end(masterId, 'withdrawn');
      for (const folder of deadFolders(await masters.ofRecording(recordingId))) {
        await rm(join(dir, folder), { recursive: true, force: true });
      }
      deps.journalChanged(recordingId);
      await retellEpisodes(recordingId);
      await deps.remakeReplays(recordingId, takeIds);
    },

    /**
     * Queues what is missed, lets episodes play what is ready, and closes withdrawals of which nothing is missed any
     * more. `atRest`: nothing of this recording renders, and nothing begins before this returns.
     */
    goOn: async (recordingId: string, liveSessionId: string, atRest = false): Promise<void> => {
      const open = (await receipts.unfinished(liveSessionId)).filter(({ journaledAt }) => journaledAt);
      if (open.length === 0) return;
      await makeMissing(recordingId);
      const all = await masters.ofRecording(recordingId);
      const missed = replacements(all);
      const timeline = await deps.timelineOf(recordingId);
      for (const { old, by } of missed) {
        if (by?.state !== 'ready' || !old.used) continue;
        await episodes.retell(old.id, { masterId: by.id, speakers: speakersIn(timeline, by.cut) });
      }
      const waiting = all.some(({ state }) => state === 'rendering' || (state === 'queued' && !atRest));
      if (waiting || missed.some(({ by }) => by?.state !== 'ready')) return;
      await clearWork(recordingId);
      for (const { id } of open) await receipts.finished(id, deps.clock.now());
    },
  };
};
export type Remaking = ReturnType<typeof remaking>;
