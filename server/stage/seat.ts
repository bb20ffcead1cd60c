/**
 * A seat is one person's right to publish a microphone in one live session. Its life is a small machine: given
 * (`waiting`), connected (`joined`), out of sight (`lost`, the seat is kept), and over (`ended`, for ever). Rows hold
 * it, and every change, wherever it comes from, goes through `stepSeat`.
 */
import { Problem } from '../problems.ts';

export type SeatRole = 'host' | 'moderator' | 'speaker';
/** How the person came to the seat. */
export type SeatOrigin = 'host' | 'link' | 'hand';
export const SEAT_END_REASONS = ['stepDown', 'removed', 'ended', 'takenOver'] as const;
/** `ended`: with the live session; `takenOver`: the link was made anew for somebody else. */
export type SeatEndReason = (typeof SEAT_END_REASONS)[number];

/** What stays the same through a seat's life, but for the moderator's mute. `identity` is LiveKit's: `s_<seatId>`. */
export type SeatFacts = {
  readonly seatId: string;
  readonly liveSessionId: string;
  readonly identity: string;
  readonly displayName: string;
  readonly role: SeatRole;
  readonly origin: SeatOrigin;
  readonly speakLinkId: string | null;
  /** Set by a moderator's mute, cleared when the person opens the microphone again. */
  readonly mutedByModerator: boolean;
};
export type Waiting = { readonly state: 'waiting' };
/** `participantSid` names the one connection that is sitting here. */
export type Joined = { readonly state: 'joined'; readonly joinedAt: Date; readonly participantSid: string };
/** Keeps the sid: the media server may bring the very connection back by itself. */
export type Lost = { readonly state: 'lost'; readonly joinedAt: Date; readonly participantSid: string };
export type Ended = { readonly state: 'ended'; readonly endedAt: Date; readonly endReason: SeatEndReason };
export type OccupiedSeat = SeatFacts & (Waiting | Joined | Lost);
export type Seat = OccupiedSeat | (SeatFacts & Ended);

export type SeatEvent =
  | { readonly type: 'connect'; readonly participantSid: string; readonly at: Date }
  | { readonly type: 'disconnect' }
  | { readonly type: 'mute' }
  | { readonly type: 'unmute' }
  | { readonly type: 'end'; readonly reason: SeatEndReason; readonly at: Date };

/** state → event → next state; what is missing is refused with `seat-gone`. */
export const SEAT_TABLE = {
  waiting: { connect: 'joined', disconnect: 'waiting', mute: 'waiting', unmute: 'waiting', end: 'ended' },
  joined: { connect: 'joined', disconnect: 'lost', mute: 'joined', unmute: 'joined', end: 'ended' },
  lost: { connect: 'joined', disconnect: 'lost', mute: 'lost', unmute: 'lost', end: 'ended' },
  ended: {},
} as const satisfies Record<Seat['state'], Partial<Record<SeatEvent['type'], Seat['state']>>>;

export const isOccupied = (seat: Seat): seat is OccupiedSeat => seat.state !== 'ended';

const factsOf = (seat: Seat): SeatFacts => ({
  seatId: seat.seatId,
  liveSessionId: seat.liveSessionId,
  identity: seat.identity,
  displayName: seat.displayName,
  role: seat.role,
  origin: seat.origin,
  speakLinkId: seat.speakLinkId,
  mutedByModerator: seat.mutedByModerator,
});

/**
 * The seat after `event`, or the Problem `seat-gone` once it has ended. An event that changes nothing (a second
 * `disconnect`, a `connect` of the connection that sits here) returns the very same object.
 */
export const stepSeat = (seat: Seat, event: SeatEvent): Seat | Problem => {
  if (seat.state === 'ended') return new Problem('seat-gone');
  switch (event.type) {
    case 'connect': {
      if (seat.state === 'joined' && seat.participantSid === event.participantSid) return seat;
      const joinedAt = seat.state === 'waiting' ? event.at : seat.joinedAt;
      return { ...factsOf(seat), state: 'joined', joinedAt, participantSid: event.participantSid };
    }
    case 'disconnect':
      return seat.state === 'joined' ? { ...seat, state: 'lost' } : seat;
    case 'mute':
      return seat.mutedByModerator ? seat : { ...seat, mutedByModerator: true };
    case 'unmute':
      return seat.mutedByModerator ? { ...seat, mutedByModerator: false } : seat;
    case 'end':
      return { ...factsOf(seat), state: 'ended', endedAt: event.at, endReason: event.reason };
  }
};
