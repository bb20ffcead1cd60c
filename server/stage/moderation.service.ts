/** What moderators do to a seat. Nobody opens the microphone of another person. */
import type { MediaPort } from '../media/port.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { Problem } from '../problems.ts';
import { isOccupied, stepSeat } from './seat.ts';
import type { SeatKeeper } from './seat-keeper.ts';
import type { SeatService } from './seat.service.ts';
import type { LiveSeat, StageBook } from './stage-book.ts';
import type { StageCast } from './stage-cast.ts';
import type { StageHub } from './stage-hub.ts';
import { CLOSE } from './stage.schema.ts';

/** `by` goes to the log: a seat id, or the id of the host's account. */
export type Moderator = { role: 'host' | 'moderator'; by: string };

type Deps = {
  book: StageBook;
  seats: SeatService;
  keeper: SeatKeeper;
  media: Pick<MediaPort, 'mute'>;
  hub: StageHub;
  cast: StageCast;
  clock: Clock;
  log: Log;
};

export const moderationService = ({ book, seats, keeper, media, hub, cast, clock, log }: Deps) => {
  /** The seat, if this moderator may touch it: the host's never, a moderator's only by the host. */
  const seatUnder = (moderator: Moderator, liveSessionId: string, seatId: string): LiveSeat => {
    const live = book.stage(liveSessionId)?.seats.get(seatId);
    if (!live) throw new Problem('seat-gone');
    const { role } = live.seat;
    if (role === 'host' || (role === 'moderator' && moderator.role !== 'host')) throw new Problem('not-allowed');
    return live;
  };

  const throwOut = async (live: LiveSeat, reason: 'removed' | 'takenOver', by?: string): Promise<void> => {
    await seats.end(live, reason, by);
    const { liveSessionId, identity } = live.seat;
    hub.notify(liveSessionId, identity, { kind: 'removed' });
    hub.close(liveSessionId, identity, CLOSE.removed);
  };

  return {
    /** Closes the person's microphone at the server; they may open it again, and that is seen. */
    mute: async (moderator: Moderator, liveSessionId: string, seatId: string): Promise<void> => {
      const live = seatUnder(moderator, liveSessionId, seatId);
      live.mutedAtMs = clock.now().getTime();
      await media.mute(liveSessionId, live.seat.identity);
      const next = stepSeat(live.seat, { type: 'mute' });
      if (next instanceof Problem || !isOccupied(next) || !book.seatOf(next.identity)) throw new Problem('seat-gone');
      live.seat = next;
      live.muted = true;
      cast.seat(live);
      hub.notify(liveSessionId, next.identity, { kind: 'muted' });
      log.info({ liveSessionId, seatId, by: moderator.by }, 'seat muted');
      await keeper.keep(next);
    },

    /** That seat, its identity and every token of it never return. */
    remove: (moderator: Moderator, liveSessionId: string, seatId: string): Promise<void> =>
      throwOut(seatUnder(moderator, liveSessionId, seatId), 'removed', moderator.by),

    /** A speak link was revoked or made anew: whoever came by it loses the seat. */
    evictLink: async (speakLinkId: string): Promise<void> => {
      await Promise.all(book.seatsOfLink(speakLinkId).map((live) => throwOut(live, 'takenOver')));
    },
  };
};
export type ModerationService = ReturnType<typeof moderationService>;
