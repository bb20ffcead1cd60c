/**
 * Giving seats and taking them away. A seat is given by spending something once (a link, an invitation, the host's own
 * right) in one transaction. It ends in the book first, from which moment no door opens to its identity, then in its
 * row, and only then is the media server told: LiveKit itself cannot revoke a token.
 */
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { Problem } from '../problems.ts';
import { seatIdentity } from '../room/identity.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { ConsentAnswer, Ticket } from '../room/ticket.schema.ts';
import type { TicketService } from '../room/ticket.service.ts';
import { giveConsent, receiptUrl } from './consent.ts';
import type { ConsentService } from './consent.service.ts';
import { stepSeat } from './seat.ts';
import type { OccupiedSeat, SeatEndReason, SeatOrigin } from './seat.ts';
import type { SeatKeeper } from './seat-keeper.ts';
import type { SeatClaim, SeatsStore } from './seats.store.ts';
import { liveSeat } from './stage-book.ts';
import type { LiveSeat, StageBook } from './stage-book.ts';
import type { StageCast } from './stage-cast.ts';

/** Closes the media connections of an identity whose admission has been revoked. */
export type Expel = (liveSessionId: string, identity: string) => Promise<void>;

export type SeatDeps = {
  publicUrl: string;
  seats: SeatsStore;
  book: StageBook;
  keeper: SeatKeeper;
  registry: LiveRegistry;
  tickets: TicketService;
  consents: ConsentService;
  expel: Expel;
  cast: StageCast;
  clock: Clock;
  log: Log;
};

export type SeatOrder = {
  entry: LiveEntry;
  role: OccupiedSeat['role'];
  origin: SeatOrigin;
  displayName: string;
  claim: SeatClaim;
  consent?: ConsentAnswer;
};

/** A seat that was just given, with the receipt of the consent it came with. */
export type Seated = { live: LiveSeat; receiptUrl: string | null };

export const seatService = ({ seats, book, keeper, registry, tickets, consents, ...deps }: SeatDeps) => {
  const { publicUrl, expel, cast, clock, log } = deps;

  const ticketFor = (entry: LiveEntry, { live, receiptUrl: receipt }: Seated): Promise<Ticket> => {
    const { role, identity, displayName } = live.seat;
    const mayPublish = consents.mayPublish(live);
    const consentNeeded = consents.consentNeeded(live);
    const order = { liveSession: entry, role, identity, displayName, mayPublish, consentNeeded };
    return tickets.issue({ ...order, receiptUrl: receipt });
  };

  // The live session ended while the seat was being given.
  const tooLate = async (seat: OccupiedSeat): Promise<never> => {
    const ended = stepSeat(seat, { type: 'end', reason: 'ended', at: clock.now() });
    if (!(ended instanceof Problem)) await keeper.keep(ended);
    throw new Problem('room-not-live');
  };

  /** Spends the claim for a seat. Throws what the store throws, and `room-not-live`. */
  const give = async ({ entry, role, origin, displayName, claim, consent }: SeatOrder): Promise<Seated> => {
    const { liveSessionId } = entry;
    const seatId = randomId();
    const order: OccupiedSeat = {
      seatId,
      liveSessionId,
      identity: seatIdentity(seatId),
      displayName,
      role,
      origin,
      speakLinkId: null,
      mutedByModerator: false,
      state: 'waiting',
    };
    const consented = consent && giveConsent(consent);
    const seat = await seats.give(order, claim, consented?.given, clock.now());
    const known = book.seatOf(seat.identity);
    if (known) return { live: known, receiptUrl: null };
    if (!book.stage(liveSessionId)) return tooLate(seat);
    const live = liveSeat(seat, consented?.given.consent, claim.kind === 'hand' ? claim.identity : undefined);
    book.putSeat(live);
    cast.seat(live);
    consents.tellWatchers(liveSessionId);
    log.info({ liveSessionId, seatId: seat.seatId, role, origin }, 'seat given');
    return { live, receiptUrl: receiptUrl(publicUrl, consented?.receipt ?? null) };
  };

  /** Ends a seat for ever, and disconnects whoever sits there. Throws `seat-gone` the second time. */
  const end = async (live: LiveSeat, reason: SeatEndReason, by?: string): Promise<void> => {
    const { seatId, liveSessionId, identity } = live.seat;
    const ended = stepSeat(live.seat, { type: 'end', reason, at: clock.now() });
    if (ended instanceof Problem || book.seatOf(identity) !== live) throw new Problem('seat-gone');
    book.dropSeat(seatId);
    cast.seatGone(liveSessionId, seatId);
    consents.tellWatchers(liveSessionId);
    await keeper.keep(ended);
    log.info({ liveSessionId, seatId, reason, by }, 'seat ended');
    // A media server that does not answer keeps nobody in: the reconciler evicts whoever is no longer admitted.
    await expel(liveSessionId, identity).catch((error: unknown) =>
      log.warn({ err: error, liveSessionId, seatId }, 'not out of the media room yet'),
    );
  };

  return {
    give,
    end,
    ticketFor,

    /** A seat by speak link; the link is spent, even of fifty tries at once, exactly once. */
    redeemLink: async (
      entry: LiveEntry,
      { secret, name, consent }: { secret: string; name: string; consent?: ConsentAnswer },
    ): Promise<Ticket> => {
      const claim: SeatClaim = { kind: 'link', roomId: entry.roomId, secret };
      return ticketFor(
        entry,
        await give({ entry, role: 'speaker', origin: 'link', displayName: name, claim, consent }),
      );
    },

    /** The host's one seat; asked for again, the same seat, taken over by the newest connection. */
    hostTicket: async (entry: LiveEntry, consent: ConsentAnswer | undefined): Promise<Ticket> => {
      const claim: SeatClaim = { kind: 'host' };
      const seated = await give({ entry, role: 'host', origin: 'host', displayName: entry.hostName, claim });
      const answered = consent && (await consents.answer(seated.live, consent));
      return ticketFor(entry, { ...seated, ...answered });
    },

    /** The next ticket of the same seat. */
    renew: (live: LiveSeat): Promise<Ticket> => {
      const entry = registry.byId(live.seat.liveSessionId);
      if (!entry) throw new Problem('visit-over');
      return ticketFor(entry, { live, receiptUrl: null });
    },

    /** Back to the audience under a fresh identity: an identity that was seen on the stage can never be hidden again. */
    stepDown: async (entry: LiveEntry, live: LiveSeat): Promise<Ticket> => {
      await end(live, 'stepDown');
      return tickets.issueAudience(entry.slug, live.seat.displayName);
    },
  };
};
export type SeatService = ReturnType<typeof seatService>;
