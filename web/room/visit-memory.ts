import type { Ticket, TicketRole } from '../../server/room/ticket.schema.ts';

export interface RememberedVisit {
  secret: string;
  role: TicketRole;
  name: string | null;
  seatId: string | null;
  /** Told once by the server, and wanted again after a reload. */
  receiptUrl: string | null;
}

const key = (slug: string): string => `loggia.visit.${slug}`;

const write = (slug: string, visit: RememberedVisit): void => {
  try {
    sessionStorage.setItem(key(slug), JSON.stringify(visit));
  } catch {
    // Storage may be forbidden: a reload then starts a new visit.
  }
};

/**
 * This tab's visit to a room, so that a reload does not cost a speaker the seat. sessionStorage ends with the tab;
 * nothing links two visits.
 */
export const visitMemory = {
  keep(slug: string, ticket: Ticket): void {
    const { visitSecret: secret, role, displayName: name, seatId } = ticket;
    const before = visitMemory.read(slug);
    const kept = before !== null && before.seatId === seatId ? before.receiptUrl : null;
    const visit: RememberedVisit = { secret, role, name, seatId, receiptUrl: ticket.receiptUrl ?? kept };
    write(slug, visit);
  },
  read(slug: string): RememberedVisit | null {
    try {
      return JSON.parse(sessionStorage.getItem(key(slug)) ?? 'null') as RememberedVisit | null;
    } catch {
      return null;
    }
  },
  keepReceipt(slug: string, receiptUrl: string): void {
    const visit = visitMemory.read(slug);
    if (visit) write(slug, { ...visit, receiptUrl });
  },
  forget(slug: string): void {
    try {
      sessionStorage.removeItem(key(slug));
    } catch {
      // Nothing was kept then.
    }
  },
};
