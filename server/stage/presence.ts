/**
 * What the media server says, brought into the book: every two seconds a look into the room tells who is connected,
 * whose microphone is open, and how many listen. Nothing here counts up or down; each look stands for itself.
 */
import type { MediaParticipant } from '../media/port.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { Problem } from '../problems.ts';
import { observe } from './coarse-number.ts';
import { isOccupied, stepSeat } from './seat.ts';
import type { SeatEvent } from './seat.ts';
import type { SeatKeeper } from './seat-keeper.ts';
import type { LiveSeat, LiveStage, StageBook } from './stage-book.ts';
import type { StageCast } from './stage-cast.ts';

/** One look into a media room. `listeners` is exact and stays inside the server. */
export type Books = {
  liveSessionId: string;
  listeners: number;
  balanced: boolean;
  participants: readonly MediaParticipant[];
};

/** A look that began before a moderator's mute may still show the microphone open. */
const MUTE_SETTLES_MS = 2500;

type Deps = {
  book: StageBook;
  cast: StageCast;
  keeper: SeatKeeper;
  clock: Clock;
  log: Log;
  random?: () => number;
  /** The listener who stepped up to this seat sits here now, or the time for it is over. */
  onSteppedUp: (live: LiveSeat) => void;
};

const isOpen = (participant: MediaParticipant | undefined): boolean =>
  participant?.tracks.some((track) => track.source === 'microphone' && !track.muted) ?? false;

export const presence = ({ book, cast, keeper, clock, log, random = Math.random, onSteppedUp }: Deps) => {
  /** Applies an event to a seat; true when it changed anything. */
  const step = (live: LiveSeat, event: SeatEvent): boolean => {
    const next = stepSeat(live.seat, event);
    if (next instanceof Problem || next === live.seat || !isOccupied(next)) return false;
    const { seatId, liveSessionId, state } = next;
    if (state !== live.seat.state) log.info({ liveSessionId, seatId }, `seat ${state}`);
    live.seat = next;
    void keeper.keep(next);
    return true;
  };

  const arrive = (live: LiveSeat, participantSid: string): boolean => {
    live.missedLooks = 0;
    return step(live, { type: 'connect', participantSid, at: clock.now() });
  };

  // Only the gateway names connections (`noteSid`); a look brings back one that is known, or the first of a seat.
  const lookAtConnection = (live: LiveSeat, participant: MediaParticipant | undefined): boolean => {
    const { seat, steppedUpFrom } = live;
    const isIn = participant?.connected ?? false;
    if (steppedUpFrom && (isIn || book.isRemoved(seat.liveSessionId, steppedUpFrom))) onSteppedUp(live);
    const isKnown = seat.state === 'waiting' || seat.participantSid === participant?.sid;
    if (participant && isIn && isKnown) return arrive(live, participant.sid);
    // One look may be older than the connection: the second decides.
    live.missedLooks += 1;
    return live.missedLooks >= 2 && step(live, { type: 'disconnect' });
  };

  const lookAtMicrophone = (live: LiveSeat, open: boolean): boolean => {
    const muted = !open;
    const isSettled = clock.now().getTime() - live.mutedAtMs >= MUTE_SETTLES_MS;
    if (!isSettled && open) return false;
    const lifted = open && step(live, { type: 'unmute' });
    const changed = live.muted !== muted;
    live.muted = muted;
    return changed || lifted;
  };

  const lookAtNumber = (stage: LiveStage, { listeners, balanced }: Books): void => {
    const before = stage.number.shown;
    stage.number = observe(stage.number, listeners, clock.now().getTime(), random);
    if (stage.number.shown !== before) cast.listeners(stage);
    if (stage.booksBalance !== balanced) {
      stage.booksBalance = balanced;
      cast.books(stage.liveSessionId, balanced);
    }
  };

  return {
    /** Takes one look into the book; sends what changed. */
    onBooks: (books: Books): void => {
      const stage = book.stage(books.liveSessionId);
      if (!stage) return;
      const byIdentity = new Map(books.participants.map((participant) => [participant.identity, participant]));
      for (const live of stage.seats.values()) {
        const participant = byIdentity.get(live.seat.identity);
        const moved = lookAtConnection(live, participant);
        const spoke = lookAtMicrophone(live, isOpen(participant));
        if (moved || spoke) cast.seat(live);
      }
      const isEmpty = ![...stage.seats.values()].some(({ seat }) => seat.state === 'joined');
      stage.emptySince = isEmpty ? (stage.emptySince ?? clock.now()) : undefined;
      lookAtNumber(stage, books);
      void keeper.flush();
    },

    /** The gateway has let this connection through to a seat. */
    noteSid: (identity: string, participantSid: string): void => {
      const live = book.seatOf(identity);
      if (live && arrive(live, participantSid)) cast.seat(live);
    },
  };
};
export type Presence = ReturnType<typeof presence>;
