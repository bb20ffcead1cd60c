/** What the bench asks of each bar, and what it gets. */

export type BenchOptions = {
  /** A short version: fewer rounds, shorter sounds; every number is still a measured one. */
  quick: boolean;
  /** How often something is killed or cut. */
  rounds: number;
  /** Length of what is recorded live for sync and replay, in real time. */
  minutes: number;
  ffmpegBin: string;
  say: (line: string) => void;
};

/**
 * One line of the table. `ok` null: not measured, and `measured` says why. `floor` is what the same run measured of
 * something that nobody can beat or that others do, `ratio` is ours to it.
 */
export type Reading = {
  bar: number;
  what: string;
  measured: string;
  bound: string;
  ok: boolean | null;
  floor?: string;
  ratio?: number;
};

/** A module of this folder: it measures these bars together, since they need the same sound. */
export type Bar = { bars: readonly number[]; measure: (options: BenchOptions) => Promise<Reading[]> };

/** A number that has to be at most `most`. */
export const atMost = (bar: number, what: string, value: number, most: number, unit: string, digits = 2): Reading => ({
  bar,
  what,
  measured: `${value.toFixed(digits)} ${unit}`,
  bound: `≤ ${most} ${unit}`,
  ok: value <= most,
});

export const notMeasured = (bar: number, what: string, bound: string, why: string): Reading => ({
  ...{ bar, what, bound },
  measured: `not measured: ${why.split('\n')[0]!.slice(0, 80)}`,
  ok: null,
});

/** The value below which `share` (0 to 1) of all lie. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
};

/** Park and Miller's minimal generator: numbers in [0, 1), the same on every machine. */
export const randomFrom = (seed: number) => {
  let state = seed;
  return (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};
