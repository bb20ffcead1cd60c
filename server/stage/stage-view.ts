/** What of a live stage travels: the moderators' view, the audience's view, and what concerns one visit alone. */
import type { LiveEntry } from '../room/live-registry.ts';
import type { RoomPolicy } from '../room/room.schema.ts';
import type { TicketRole } from '../room/ticket.schema.ts';
import { isAnswered } from './consent.ts';
import type { Consent } from './consent.ts';
import type { OpenHand } from './hand.ts';
import type { LiveSeat, LiveStage } from './stage-book.ts';
import type { HandView, SeatView, StageView, You } from './stage.schema.ts';

/** Two tiers, each with a view, a numbering and frames of its own. */
export const TIERS = ['moderators', 'audience'] as const;
export type Tier = (typeof TIERS)[number];

export const tierOf = (role: TicketRole): Tier => (role === 'host' || role === 'moderator' ? 'moderators' : 'audience');

/** In an armed room the microphone opens after an answer, yes or no. */
export const mayPublish = (live: LiveSeat, policy: RoomPolicy): boolean =>
  !policy.recordingArmed || live.consent !== undefined;

export const consentNeeded = (live: LiveSeat, policy: RoomPolicy): boolean =>
  policy.recordingArmed && !isAnswered(live.consent);

/** The seat as everybody sees it. */
export const seatView = ({ seat, consent, muted }: LiveSeat): SeatView => ({
  seatId: seat.seatId,
  identity: seat.identity,
  name: seat.displayName,
  role: seat.role,
  state: seat.state,
  muted,
  mutedByModerator: seat.mutedByModerator,
  recorded: isAnswered(consent) ? consent.recorded : null,
});

/** The hand without the identity behind it. */
export const handView = ({ handId, name, anonymous, state, raisedAt }: OpenHand): HandView => ({
  handId,
  name,
  anonymous,
  state,
  raisedAt: raisedAt.toISOString(),
});

export const numberView = (stage: LiveStage, policy: RoomPolicy): StageView['listeners'] =>
  policy.publishNumber ? { atLeast: stage.number.shown } : null;

export const stageView = (stage: LiveStage, entry: LiveEntry, tier: Tier): StageView => {
  const moderates = tier === 'moderators';
  return {
    roomSlug: entry.slug,
    title: entry.title,
    topic: entry.topic,
    liveSessionId: entry.liveSessionId,
    startedAt: entry.startedAt.toISOString(),
    recordingArmed: entry.policy.recordingArmed,
    seats: [...stage.seats.values()].map(seatView),
    hands: moderates ? [...stage.hands.values()].map(handView) : [],
    listeners: numberView(stage, entry.policy),
    booksBalance: moderates ? stage.booksBalance : null,
    recording: stage.recording,
  };
};

export const handOf = (stage: LiveStage, identity: string): OpenHand | undefined =>
  [...stage.hands.values()].find((hand) => hand.identity === identity);

const answerOf = (consent: Consent | undefined): You['answer'] =>
  isAnswered(consent) ? { recorded: consent.recorded, published: consent.published } : null;

export const youView = (stage: LiveStage, entry: LiveEntry, role: TicketRole, identity: string): You => {
  const hand = handOf(stage, identity);
  const own = [...stage.seats.values()].find(({ seat }) => seat.identity === identity);
  return {
    role,
    seatId: own?.seat.seatId ?? null,
    hand: hand ? handView(hand) : null,
    consentNeeded: own ? consentNeeded(own, entry.policy) : false,
    answer: answerOf(own?.consent),
  };
};
