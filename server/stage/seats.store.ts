/** Rows of seats. One transaction gives a seat; after that only the owner's own steps move it, and never out of `ended`. */
import type { Database } from '../platform/db.ts';
import { hashSecret } from '../platform/ids.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import { Problem } from '../problems.ts';
import type { GivenConsent } from './consent.ts';
import { isOccupied, SEAT_END_REASONS } from './seat.ts';
import type { OccupiedSeat, Seat, SeatFacts, SeatOrigin, SeatRole } from './seat.ts';

/** How many may be on a stage at once. */
export const MAX_SEATS = 30;

/** What is spent for a seat, in the same transaction, so that it is spent exactly once. */
export type SeatClaim =
  | { readonly kind: 'host' }
  | { readonly kind: 'link'; readonly roomId: string; readonly secret: string }
  | { readonly kind: 'hand'; readonly handId: string; readonly identity: string; readonly leavesBy: Date };

type Transaction = Prisma.TransactionClient;
type SeatRow = Prisma.SeatGetPayload<object>;

const seatOf = (row: SeatRow): Seat => {
  const facts: SeatFacts = {
    seatId: row.id,
    liveSessionId: row.liveSessionId,
    identity: row.identity,
    displayName: row.displayName,
    role: row.role as SeatRole,
    origin: row.origin as SeatOrigin,
    speakLinkId: row.speakLinkId,
    mutedByModerator: row.mutedByModerator,
  };
  const joinedAt = row.joinedAt ?? row.createdAt;
  const participantSid = row.participantSid ?? '';
  switch (row.state) {
    case 'joined':
      return { ...facts, state: 'joined', joinedAt, participantSid };
    case 'lost':
      return { ...facts, state: 'lost', joinedAt, participantSid };
    case 'ended': {
      const endReason = SEAT_END_REASONS.find((reason) => reason === row.endReason) ?? 'ended';
      return { ...facts, state: 'ended', endedAt: row.endedAt ?? row.createdAt, endReason };
    }
    default:
      return { ...facts, state: 'waiting' };
  }
};

const movingColumns = (seat: Seat) => ({
  state: seat.state,
  mutedByModerator: seat.mutedByModerator,
  ...('participantSid' in seat ? { participantSid: seat.participantSid, joinedAt: seat.joinedAt } : {}),
  ...(seat.state === 'ended' ? { endedAt: seat.endedAt, endReason: seat.endReason } : {}),
});

const occupiedSeatOf = (row: SeatRow): OccupiedSeat => {
  const seat = seatOf(row);
  if (!isOccupied(seat)) throw new Problem('seat-gone');
  return seat;
};

/** Spends the claim and returns the id of the speak link, if it was one. Throws `link-spent` or `hand-gone`. */
const spend = async (tx: Transaction, claim: SeatClaim, liveSessionId: string, now: Date): Promise<string | null> => {
  if (claim.kind === 'host') return null;
  if (claim.kind === 'hand') {
    const { handId, identity, leavesBy } = claim;
    const where = { id: handId, identity, state: 'invited' };
    if ((await tx.hand.deleteMany({ where })).count === 0) throw new Problem('hand-gone');
    await tx.removal.create({ data: { liveSessionId, identity, at: leavesBy } });
    return null;
  }
  const secretHash = hashSecret(claim.secret);
  const { count } = await tx.speakLink.updateMany({
    where: { secretHash, roomId: claim.roomId, usedAt: null, revokedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  if (count === 0) throw new Problem('link-spent');
  return (await tx.speakLink.findUniqueOrThrow({ where: { secretHash }, select: { id: true } })).id;
};

/** Takes the stage for this transaction alone: whoever counts seats next counts ours. */
const lockStage = async (tx: Transaction, liveSessionId: string): Promise<void> => {
  const rows = await tx.$queryRaw<{ state: string }[]>`
    SELECT state FROM live_session WHERE id = ${liveSessionId} FOR UPDATE`;
  if (rows[0]?.state !== 'live') throw new Problem('room-not-live');
};

const takeSeat = async (
  tx: Transaction,
  seat: OccupiedSeat,
  claim: SeatClaim,
  given: GivenConsent | undefined,
  at: Date,
): Promise<OccupiedSeat> => {
  const speakLinkId = await spend(tx, claim, seat.liveSessionId, at);
  await lockStage(tx, seat.liveSessionId);
  const occupied = { liveSessionId: seat.liveSessionId, state: { not: 'ended' } };
  if (seat.role === 'host') {
    const own = await tx.seat.findFirst({ where: { ...occupied, role: 'host' } });
    if (own) return occupiedSeatOf(own);
  }
  // The host always finds a place: theirs is not counted.
  if (seat.role !== 'host' && (await tx.seat.count({ where: { ...occupied, role: { not: 'host' } } })) >= MAX_SEATS)
    throw new Problem('stage-full');
  const { seatId: id, liveSessionId, identity, displayName, role, origin, state } = seat;
  const row = await tx.seat.create({
    data: { id, liveSessionId, identity, displayName, role, origin, state, speakLinkId, createdAt: at },
  });
  if (given) {
    const { consentId, ...answer } = given.consent;
    await tx.consent.create({
      data: { id: consentId, seatId: id, at, receiptHash: given.receiptHash, ...answer },
    });
  }
  return occupiedSeatOf(row);
};

export const seatsStore = ({ prisma }: Database) => ({
  /**
   * Spends the claim and gives the seat, or, for a host who has one, returns that one. Throws `link-spent`,
   * `hand-gone`, `room-not-live` or `stage-full`, and then nothing is spent.
   */
  give: (seat: OccupiedSeat, claim: SeatClaim, given: GivenConsent | undefined, at: Date): Promise<OccupiedSeat> =>
    prisma.$transaction((tx) => takeSeat(tx, seat, claim, given, at), { maxWait: 10_000 }),

  /** Writes what moves in a seat. A row that has ended stays as it is. */
  save: async (seat: Seat): Promise<void> => {
    await prisma.seat.updateMany({ where: { id: seat.seatId, state: { not: 'ended' } }, data: movingColumns(seat) });
  },

  /** The seats of a live session that have not ended, oldest first. */
  occupied: async (liveSessionId: string): Promise<OccupiedSeat[]> => {
    const where = { liveSessionId, state: { not: 'ended' } };
    return (await prisma.seat.findMany({ where, orderBy: { createdAt: 'asc' } })).map(occupiedSeatOf);
  },

  /** Ends whatever seats are left, with the live session. */
  endAll: async (liveSessionId: string, endedAt: Date): Promise<void> => {
    const data = { state: 'ended', endReason: 'ended', endedAt };
    await prisma.seat.updateMany({ where: { liveSessionId, state: { not: 'ended' } }, data });
  },
});
export type SeatsStore = ReturnType<typeof seatsStore>;
