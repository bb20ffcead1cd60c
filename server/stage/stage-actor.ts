import type { Actor, VisitActor } from '../people/actor.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry } from '../room/live-registry.ts';
import type { RoomService } from '../room/room.service.ts';
import type { Moderator } from './moderation.service.ts';
import type { LiveSeat, StageBook } from './stage-book.ts';

/**
 * Who moderates this live room: its host by account, or a host's or moderator's visit. Throws `room-not-live`, or
 * `not-allowed` for everybody else.
 */
export const moderatorOf = (
  rooms: Pick<RoomService, 'liveSessionFor'>,
  actor: Actor,
  slug: string,
): { moderator: Moderator; entry: LiveEntry } => {
  if (actor.kind === 'public') throw new Problem('visit-over');
  const entry = rooms.liveSessionFor(actor, slug);
  if (actor.kind === 'host') return { moderator: { role: 'host', by: actor.hostId }, entry };
  const { role, seatId } = actor;
  if ((role !== 'host' && role !== 'moderator') || seatId === undefined) throw new Problem('not-allowed');
  return { moderator: { role, by: seatId }, entry };
};

/** The seat of a visit. Throws `visit-over` when it has ended. */
export const ownSeat = (book: StageBook, visit: VisitActor): LiveSeat => {
  const live = book.seatOf(visit.identity);
  if (live?.seat.liveSessionId !== visit.liveSessionId) throw new Problem('visit-over');
  return live;
};
