import type { Ticket, TicketRole } from '../../server/room/ticket.schema.ts';

export interface RememberedVisit {
  secret: string;
  role: TicketRole;
  name: string | null;
}

const key = (slug: string): string => `loggia.visit.${slug}`;

/**
 * This tab's visit to a room, so that a reload does not cost a speaker the seat. sessionStorage ends with the tab;
 * nothing links two visits.
 */
export const visitMemory = {
  keep(slug: string, ticket: Ticket): void {
    const visit: RememberedVisit = { secret: ticket.visitSecret, role: ticket.role, name: ticket.displayName };
    try {
      sessionStorage.setItem(key(slug), JSON.stringify(visit));
    } catch {
      // Storage may be forbidden: a reload then starts a new visit.
    }
  },
  read(slug: string): RememberedVisit | null {
    try {
      return JSON.parse(sessionStorage.getItem(key(slug)) ?? 'null') as RememberedVisit | null;
    } catch {
      return null;
    }
  },
  forget(slug: string): void {
    try {
      sessionStorage.removeItem(key(slug));
    } catch {
      // Nothing was kept then.
    }
  },
};
