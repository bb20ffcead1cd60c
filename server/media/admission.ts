/**
 * Who may be in a live session's media room. Open-source LiveKit cannot revoke a token, so it is asked here, at every
 * connect, every reconnect and every look into the room. The audience is admitted by the tag in its identity, without
 * a lookup; a seat and a service by what lives under their name now. Whatever cannot be established is refused.
 */
import { verifyAudienceIdentity } from '../room/identity.ts';
import type { StageRole } from './grants.ts';
import type { MediaRole } from './port.ts';

export type LiveSeat = {
  seatId: string;
  role: StageRole;
  liveSessionId: string;
  mayPublish: boolean;
  /** LiveKit's name of the one connection that sits here, when it is known. */
  participantSid?: string;
};

/** The stage, as admission sees it. */
export type SeatBook = {
  /** The seat that lives under this identity now; undefined once it has ended. */
  liveSeat: (identity: string) => LiveSeat | undefined;
  /** Told the sid of each connection that the gateway let through to a seat. */
  noteSid: (identity: string, participantSid: string) => void;
};

/** Participants of the house itself, such as a recorder. */
export type ServiceBook = { isService: (identity: string, liveSessionId: string) => boolean };

/** Identities of the audience that never return, of live sessions only. */
export type Removals = { isRemoved: (liveSessionId: string, identity: string) => boolean };

/** The live sessions, as far as the media plane needs to know them. */
export type LiveSessions = {
  byId: (liveSessionId: string) => unknown;
  all: () => readonly { liveSessionId: string }[];
};

export type Admitted = { ok: true; role: MediaRole; mayPublish: boolean; seat?: LiveSeat };
export type Verdict = Admitted | { ok: false };

type Deps = {
  registry: LiveSessions;
  admissionSecret: string;
  seats: SeatBook;
  services: ServiceBook;
  removals: Removals;
};

const REFUSED: Verdict = { ok: false };

export const admission = ({ registry, admissionSecret, seats, services, removals }: Deps) => ({
  /** Costs no query: memory and one MAC. */
  check: ({ identity, liveSessionId }: { identity: string; liveSessionId: string }): Verdict => {
    if (!registry.byId(liveSessionId) || removals.isRemoved(liveSessionId, identity)) return REFUSED;
    const seat = seats.liveSeat(identity);
    if (seat) {
      if (seat.liveSessionId !== liveSessionId) return REFUSED;
      return { ok: true, role: seat.role, mayPublish: seat.mayPublish, seat };
    }
    if (services.isService(identity, liveSessionId)) return { ok: true, role: 'recorder', mayPublish: false };
    const role = verifyAudienceIdentity(admissionSecret, liveSessionId, identity);
    return role ? { ok: true, role, mayPublish: false } : REFUSED;
  },
});

export type Admission = ReturnType<typeof admission>;
