/**
 * One numbered stream of changes: what waits for the next tick, and the last frames for those who missed some. Changes
 * to the same thing within a tick become one, the newest; a frame is made into text once, however many read it.
 */
import type { ServerFrame, StageChange } from './stage.schema.ts';

/** How many deltas a client may have missed and still resume without a snapshot. */
export const RING_SIZE = 1000;

const keyOf = (change: StageChange): string => {
  switch (change.kind) {
    case 'seat':
      return `seat:${change.seat.seatId}`;
    case 'seatGone':
      return `seat:${change.seatId}`;
    case 'hand':
      return `hand:${change.hand.handId}`;
    case 'handGone':
      return `hand:${change.handId}`;
    default:
      return change.kind;
  }
};

/** `epoch` names this run of the stream: numbers of another epoch mean nothing in it. */
export const deltaLog = (epoch: string, ringSize = RING_SIZE) => {
  let seq = 0;
  let waiting = new Map<string, StageChange>();
  const ring: string[] = [];

  return {
    epoch,
    seq: (): number => seq,
    add: (change: StageChange): void => {
      waiting.set(keyOf(change), change);
    },
    /** Turns what waits into the next delta frame; undefined when nothing does. */
    cut: (): string | undefined => {
      if (waiting.size === 0) return undefined;
      seq += 1;
      const frame: ServerFrame = { type: 'delta', epoch, seq, changes: [...waiting.values()] };
      waiting = new Map();
      const text = JSON.stringify(frame);
      ring.push(text);
      if (ring.length > ringSize) ring.shift();
      return text;
    },
    /** The frames after number `after`, in order; undefined when they are not all here any more. */
    since: (afterEpoch: string, after: number): string[] | undefined => {
      const missed = seq - after;
      if (afterEpoch !== epoch || missed < 0 || missed > ring.length) return undefined;
      return missed === 0 ? [] : ring.slice(-missed);
    },
  };
};
export type DeltaLog = ReturnType<typeof deltaLog>;
