/** What becomes of masters that held a withdrawn voice: which are made again, and what takes whose place. Pure. */
import type { CutRange } from './master.ts';
import type { HeldMaster } from './withdrawn-masters.store.ts';

const sameSound = (a: HeldMaster, b: HeldMaster): boolean =>
  a.preset === b.preset && rangesOf(a.cut) === rangesOf(b.cut);

const rangesOf = (cut: CutRange[]): string => cut.map(({ takeId, fromMs, toMs }) => [takeId, fromMs, toMs]).join(';');

const GONE: readonly string[] = ['withdrawn', 'superseded'];

export type Replacement = { old: HeldMaster; by: HeldMaster | undefined };

/**
 * The withdrawn masters that are missed, each with what takes its place (whatever its state) or nothing yet: those that
 * an episode plays, cuts, and the newest of all takes. A clip is missed by nobody. `masters`: all of a recording,
 * newest first.
 */
export const replacements = (masters: readonly HeldMaster[]): Replacement[] => {
  const newestWhole = masters.find(({ kind }) => kind === 'whole');
  const missed = masters.filter(
    (master) =>
      master.state === 'withdrawn' &&
      master.kind !== 'clip' &&
      (master.used || master.kind === 'cut' || master === newestWhole),
  );
  return missed.map((old) => ({
    old,
    by: masters.find((other) => !GONE.includes(other.state) && other.kind !== 'clip' && sameSound(other, old)),
  }));
};

/** Folders with files of withdrawn masters that no other master shares. */
export const deadFolders = (masters: readonly HeldMaster[]): string[] => {
  const living = new Set(masters.filter(({ state }) => state !== 'withdrawn').flatMap(({ folders }) => folders));
  const dead = masters.filter(({ state }) => state === 'withdrawn').flatMap(({ folders }) => folders);
  return [...new Set(dead)].filter((folder) => !living.has(folder));
};

/** The kind under which a withdrawn master is made again: an older one of all takes is by now a choice of takes. */
export const kindOfNext = (old: HeldMaster, masters: readonly HeldMaster[]): 'whole' | 'cut' =>
  old === masters.find(({ kind }) => kind === 'whole') ? 'whole' : 'cut';
