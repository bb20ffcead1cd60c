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
    for (let next = unsaved.values().next().value; next; next = unsaved.values().next().value) {
      await deps.seats.save(next);
      if (unsaved.get(next.seatId) === next) unsaved.delete(next.seatId);
    }
  };

  /** Resolves when everything noted so far is written, or has failed once more (which is logged). */
  const flush = (): Promise<void> => {
    running ??= drain()
      .catch((error: unknown) => deps.log.error({ err: error, seats: unsaved.size }, 'seats not written yet'))
      .finally(() => {
        running = undefined;
      });
    return running;
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
