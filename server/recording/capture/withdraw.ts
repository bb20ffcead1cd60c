/** Taking a voice back from a recording's folder. What is done can be done again: the journal's line decides. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flush } from '../../platform/durable.ts';
import { removeReplay } from '../replay/replay-file.ts';
import type { JournalEntry } from './journal.schema.ts';
import type { Journal } from './journal.ts';
import { openJournal, readJournal } from './journal.ts';
import { JOURNAL_FILE } from './measure-tracks.ts';
import { withdrawalsIn } from './withdrawals.ts';

/** The takes whose replay may hold a seat's voice. */
export const takesWith = (seatId: string, entries: readonly JournalEntry[]): Set<string> =>
  new Set(
    entries.flatMap((entry) =>
      entry.type === 'trackOpened' && entry.seatId === seatId && entry.published ? [entry.takeId] : [],
    ),
  );

/** Removes the files of those who took their voice back and wanted them gone; to be run again after a crash. */
export const eraseWithdrawn = async (dir: string, entries: readonly JournalEntry[]): Promise<void> => {
  const { erased } = withdrawalsIn(entries);
  const files = entries.flatMap((entry) =>
    entry.type === 'trackOpened' && erased.has(entry.consentId) ? [entry.file] : [],
  );
  if (files.length === 0) return;
  await Promise.all(files.map((file) => rm(join(dir, file), { force: true })));
  await flush(join(dir, 'raw'));
};

export type SeatWithdrawal = { seatId: string; erase: boolean; atMs: number };

/**
 * Takes the replays away in which the seat is heard, notes the withdrawal, then removes the files if they are to go. The
 * seat is captured no more when this is called.
 */
export const withdrawSeat = async (
  dir: string,
  journal: Pick<Journal, 'append'>,
  { seatId, erase, atMs }: SeatWithdrawal,
): Promise<void> => {
  const { entries } = await readJournal(join(dir, JOURNAL_FILE));
  await Promise.all([...takesWith(seatId, entries)].map((takeId) => removeReplay(dir, takeId)));
  const line: JournalEntry = { type: 'withdrawn', atMs, seatId, erased: erase };
  await journal.append(line);
  await eraseWithdrawn(dir, [...entries, line]);
};

/** The same for a recording whose capture does not live; only then may anybody else write to its journal. */
export const withdrawWithoutCapture = async (dir: string, withdrawal: SeatWithdrawal): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const journal = await openJournal(join(dir, JOURNAL_FILE));
  try {
    await withdrawSeat(dir, journal, withdrawal);
  } finally {
    await journal.close();
  }
};
