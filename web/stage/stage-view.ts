import type { SeatView, StageChange, StageView } from '../../server/stage/stage.schema.ts';

const put = <T>(list: readonly T[], item: T, same: (other: T) => boolean): T[] => {
  const index = list.findIndex(same);
  return index < 0 ? [...list, item] : list.with(index, item);
};

/** The view after one change. */
export const changed = (view: StageView, change: StageChange): StageView => {
  switch (change.kind) {
    case 'seat':
      return { ...view, seats: put(view.seats, change.seat, (seat) => seat.seatId === change.seat.seatId) };
    case 'seatGone':
      return { ...view, seats: view.seats.filter((seat) => seat.seatId !== change.seatId) };
    case 'hand':
      return { ...view, hands: put(view.hands, change.hand, (hand) => hand.handId === change.hand.handId) };
    case 'handGone':
      return { ...view, hands: view.hands.filter((hand) => hand.handId !== change.handId) };
    case 'listeners':
      return { ...view, listeners: change.listeners };
    case 'books':
      return { ...view, booksBalance: change.booksBalance };
    case 'recording':
      return { ...view, recording: change.recording };
    case 'policy':
      return { ...view, title: change.title, topic: change.topic, recordingArmed: change.recordingArmed };
  }
};

/**
 * Who stands in which niche: everybody keeps theirs, a new seat takes the first empty one, and a niche that was left
 * stays empty until then. Nobody moves because somebody speaks or goes.
 */
export const placeSeats = (before: readonly (string | null)[], seats: readonly SeatView[]): (string | null)[] => {
  const present = new Set(seats.map((seat) => seat.seatId));
  const places = before.map((seatId) => (seatId !== null && present.has(seatId) ? seatId : null));
  for (const { seatId } of seats) {
    if (places.includes(seatId)) continue;
    const free = places.indexOf(null);
    if (free < 0) places.push(seatId);
    else places[free] = seatId;
  }
  while (places.at(-1) === null) places.pop();
  return places;
};

const ROWS = [1, 3, 6, 12, 30] as const;
export type ArcadeSize = (typeof ROWS)[number];

/** The arcade for so many places: its size in the look, and how many niches keep its rows whole. */
export const arcadeFor = (places: number): { size: ArcadeSize; niches: number } => {
  // Nobody yet: three dark arches say more than one.
  const size = places === 0 ? 3 : (ROWS.find((row) => places <= row) ?? 30);
  return { size, niches: size === 30 ? Math.ceil(places / 10) * 10 : size };
};
