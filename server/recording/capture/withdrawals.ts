/**
 * What the journal says about people who took their voice back. A withdrawal covers what was captured under the consent
 * rows that its seat had given by then, in every take; only an answer given afterwards counts anew.
 */
import type { JournalEntry } from './journal.schema.ts';

/** Consent ids: no master and no replay holds what was captured under them; the files of the erased ones are to go. */
export type Withdrawals = { covered: ReadonlySet<string>; erased: ReadonlySet<string> };

/** Reads the lines in their order. */
export const withdrawalsIn = (entries: readonly JournalEntry[]): Withdrawals => {
  const consentsOf = new Map<string, Set<string>>();
  const covered = new Set<string>();
  const erased = new Set<string>();
  for (const entry of entries) {
    if (entry.type === 'consent' || entry.type === 'trackOpened') {
      const consents = consentsOf.get(entry.seatId) ?? new Set();
      consentsOf.set(entry.seatId, consents.add(entry.consentId));
    }
    if (entry.type !== 'withdrawn') continue;
    for (const consentId of consentsOf.get(entry.seatId) ?? []) {
      covered.add(consentId);
      if (entry.erased) erased.add(consentId);
    }
  }
  return { covered, erased };
};
