import type { Log } from '../platform/log.ts';
import type { Seat } from './seat.ts';
import type { SeatsStore } from './seats.store.ts';

/**
 * Writes seats behind the decisions: memory decides at once, even while Postgres is away, and the newest state of
 * each seat reaches its row in order. What could not be written stays noted until the next `flush`.
 */
export const seatKeeper = (deps: { seats: Pick<SeatsStore, 'save'>; log: Log }) => {
  const unsaved = new Map<string, Seat>();
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    try {
      for (let next = unsaved.values().next().value; next; next = unsaved.values().next().value) {
        await deps.seats.save(next);
        if (unsaved.get(next.seatId) === next) unsaved.delete(next.seatId);
      }
    } catch (error) {
      deps.log.error({ err: error, seats: unsaved.size }, 'seats not written yet');
    } finally {
      // In the same turn as the last look at what is unsaved: who comes after it starts anew.
      running = undefined;
    }
  };

  /** Resolves when everything noted so far is written, or has failed once more (which is logged). */
  const flush = async (): Promise<void> => {
    if (unsaved.size > 0) await (running ??= drain());
  };

  return {
    keep: (seat: Seat): Promise<void> => {
      unsaved.set(seat.seatId, seat);
      return flush();
    },
    flush,
  };
};
export type SeatKeeper = ReturnType<typeof seatKeeper>;
