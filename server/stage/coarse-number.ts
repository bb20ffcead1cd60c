/**
 * The number of listeners as anybody may know it, hosts included: a step of a ladder, and each step only after the
 * true number has stayed beyond its border for a random while, so that nobody's coming or going can be read from it.
 */

/** Steps below 100; above, every decade has the same six: 100, 150, 200, 300, 500, 700, 1000, 1500 … */
const FIRST_STEPS = [10, 20, 30, 50, 70] as const;
const DECADE = [1, 1.5, 2, 3, 5, 7] as const;
export const LADDER: readonly number[] = [
  ...FIRST_STEPS,
  ...[100, 1_000, 10_000, 100_000].flatMap((unit) => DECADE.map((part) => part * unit)),
];

/** Bounds of the delay beyond a border, in milliseconds. */
export const DELAY_MS = { least: 30_000, most: 120_000 } as const;

/**
 * `shown`: the published step (0 reads "fewer than 10"). `crossings`: borders on whose other side the true number now
 * is, each with the moment from which that may be shown.
 */
export type CoarseState = {
  readonly shown: number;
  readonly crossings: readonly { readonly border: number; readonly dueAtMs: number }[];
};

export const coarseStart: CoarseState = { shown: 0, crossings: [] };

/** The highest step that `count` reaches, 0 below the first. */
export const stepOf = (count: number): number => LADDER.findLast((border) => border <= count) ?? 0;

/**
 * Takes one look at the true number. `random` is in [0, 1). A border that the number has come back over loses its
 * waiting time, so that flapping shows nothing; each border draws a delay of its own, up and down alike.
 */
export const observe = (state: CoarseState, count: number, nowMs: number, random: () => number): CoarseState => {
  const waiting = new Map(state.crossings.map(({ border, dueAtMs }) => [border, dueAtMs]));
  const crossings = LADDER.filter((border) => border <= state.shown !== border <= count).map((border) => ({
    border,
    dueAtMs: waiting.get(border) ?? nowMs + DELAY_MS.least + random() * (DELAY_MS.most - DELAY_MS.least),
  }));
  const due = crossings.filter(({ dueAtMs }) => dueAtMs <= nowMs).map(({ border }) => border);
  if (due.length === 0) return { shown: state.shown, crossings };
  const shown = count > state.shown ? Math.max(...due) : stepOf(Math.min(...due) - 1);
  return { shown, crossings: crossings.filter(({ border }) => border <= shown !== border <= count) };
};
