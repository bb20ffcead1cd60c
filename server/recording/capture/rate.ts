/** How fast a number grows, over the last minute. Pure. */
const WINDOW_MS = 60_000;
/** Less says nothing. */
const SHORTEST_MS = 1_000;

/** Readings of the last minute, oldest first. */
export type Readings = readonly { value: number; atMs: number }[];

export const stepReadings = (readings: Readings, value: number, atMs: number): Readings => [
  ...readings.filter((reading) => atMs - reading.atMs < WINDOW_MS),
  { value, atMs },
];

/** Per second; 0 before a second of readings, and while it does not grow. */
export const ratePerSecond = (readings: Readings): number => {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last || last.atMs - first.atMs < SHORTEST_MS) return 0;
  return Math.max(0, ((last.value - first.value) * 1000) / (last.atMs - first.atMs));
};
