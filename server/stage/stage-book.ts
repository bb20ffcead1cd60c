/**
 * What every instance knows of the live stages, in memory: seats, hands, removals, the number. The rows are the copy
 * that outlives the process; this book is what decides, at every connect and every two seconds, also while Postgres
 * is away. A live session that is not in the book admits nobody.
 */
import type { Clock } from '../platform/clock.ts';
import { seatIdOf } from '../room/identity.ts';
import type { CoarseState } from './coarse-number.ts';
import { coarseStart } from './coarse-number.ts';
import type { Consent } from './consent.ts';
import type { OpenHand } from './hand.ts';
import type { OccupiedSeat } from './seat.ts';
import { DARK_LIGHT } from './stage.schema.ts';
import type { RecordingLight } from './stage.schema.ts';

/** A seat that has not ended, and what only the running process knows of it. */
export type LiveSeat = {
  seat: OccupiedSeat;
  consent: Consent | undefined;
  /** No open microphone: muted, or none published yet. */
  muted: boolean;
  /** When a moderator muted it, in ms since 1970; 0: not in this process. */
  mutedAtMs: number;
  /** Looks at the media server in a row in which the connection was not there. */
  missedLooks: number;
  /** The listening identity that stepped up to this seat, until it has left. */
  steppedUpFrom: string | undefined;
};

export type LiveStage = {
  readonly liveSessionId: string;
  /** By seat id, in the order in which people came. */
  readonly seats: Map<string, LiveSeat>;
  /** By hand id, in the order in which they went up. */
  readonly hands: Map<string, OpenHand>;
  /** Identity → the moment from which it is no longer admitted. */
  readonly removals: Map<string, Date>;
  /** Whether the room was armed when it was last looked at. */
  armed: boolean;
  number: CoarseState;
  booksBalance: boolean | null;
  recording: RecordingLight;
  /** Since when nobody has been connected on the stage; undefined while somebody is. */
  emptySince: Date | undefined;
};

export const liveSeat = (seat: OccupiedSeat, consent: Consent | undefined, steppedUpFrom?: string): LiveSeat => ({
  seat,
  consent,
  muted: true,
  mutedAtMs: 0,
  missedLooks: 0,
  steppedUpFrom,
});

export const stageBook = (clock: Clock) => {
  const stages = new Map<string, LiveStage>();
  const stageOfSeat = new Map<string, LiveStage>();

  const isRemoved = (liveSessionId: string, identity: string): boolean => {
    const from = stages.get(liveSessionId)?.removals.get(identity);
    return from !== undefined && from <= clock.now();
  };

  return {
    /** Opens an empty stage; one that is open stays as it is. */
    open: (liveSessionId: string, armed: boolean): LiveStage => {
      const open = stages.get(liveSessionId) ?? {
        liveSessionId,
        seats: new Map(),
        hands: new Map(),
        removals: new Map(),
        armed,
        number: coarseStart,
        booksBalance: null,
        recording: DARK_LIGHT,
        emptySince: clock.now(),
      };
      stages.set(liveSessionId, open);
      return open;
    },
    close: (liveSessionId: string): void => {
      for (const seatId of stages.get(liveSessionId)?.seats.keys() ?? []) stageOfSeat.delete(seatId);
      stages.delete(liveSessionId);
    },
    stage: (liveSessionId: string): LiveStage | undefined => stages.get(liveSessionId),
    putSeat: (live: LiveSeat): void => {
      const stage = stages.get(live.seat.liveSessionId);
      stage?.seats.set(live.seat.seatId, live);
      if (stage) stageOfSeat.set(live.seat.seatId, stage);
    },
    dropSeat: (seatId: string): void => {
      stageOfSeat.get(seatId)?.seats.delete(seatId);
      stageOfSeat.delete(seatId);
    },
    /** The seat that this LiveKit identity holds in any live session, unless it has ended. */
    seatOf: (identity: string): LiveSeat | undefined => {
      const seatId = seatIdOf(identity);
      return seatId === undefined ? undefined : stageOfSeat.get(seatId)?.seats.get(seatId);
    },
    /** The seats that came from one speak link; at most one has not ended. */
    seatsOfLink: (speakLinkId: string): LiveSeat[] =>
      [...stages.values()].flatMap(({ seats }) =>
        [...seats.values()].filter(({ seat }) => seat.speakLinkId === speakLinkId),
      ),
    isRemoved,
  };
};
export type StageBook = ReturnType<typeof stageBook>;
