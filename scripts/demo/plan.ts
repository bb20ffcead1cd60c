/** What a host does in the evening, and when. Pure. */
import type { DemoOptions, Range } from './options.ts';

export type Step = { at: number; order: 'start' | 'pause' | 'resume' | 'stop' };

/** Two orders of a host lie at least so far apart. */
const APART_SECONDS = 1;

const isInside = (inner: Range, outer: Range): boolean =>
  inner.from >= outer.from + APART_SECONDS && inner.to <= outer.to - APART_SECONDS;

const assertApart = (ranges: Range[], what: string): void => {
  const close = ranges.find((range, index) => index > 0 && range.from < ranges[index - 1]!.to + APART_SECONDS);
  if (close) throw new Error(`${what} must lie at least a second apart`);
};

/** The orders of the evening in their order in time. */
export const stepsOf = ({ records, pauses }: Pick<DemoOptions, 'records' | 'pauses'>): Step[] =>
  records.flatMap((record): Step[] => [
    { at: record.from, order: 'start' },
    ...pauses
      .filter((pause) => isInside(pause, record))
      .flatMap((pause): Step[] => [
        { at: pause.from, order: 'pause' },
        { at: pause.to, order: 'resume' },
      ]),
    { at: record.to, order: 'stop' },
  ]);

/** The stretches between the orders in which something is captured, one take each. */
export const takesOf = (options: Pick<DemoOptions, 'records' | 'pauses'>): Range[] => {
  const steps = stepsOf(options);
  return steps.flatMap(({ at, order }, index) =>
    order === 'start' || order === 'resume' ? [{ from: at, to: steps[index + 1]!.at }] : [],
  );
};

const assertNames = ({ speakers, declined, cuts }: DemoOptions): void => {
  const names = speakers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) throw new Error(`--speaker: two are called ${twice}`);
  const stranger = [...declined, ...cuts.map(({ name }) => name)].find((name) => !names.includes(name));
  if (stranger) throw new Error(`There is no speaker ${stranger}; there are ${names.join(' and ')}`);
};

/** Throws a sentence when the evening cannot be held like that. */
export const checkPlan = (options: DemoOptions): void => {
  const { records, pauses, marks, kills, cuts } = options;
  assertNames(options);
  assertApart(records, '--record: takes');
  assertApart(pauses, '--pause: pauses');
  const outside = pauses.find((pause) => !records.some((record) => isInside(pause, record)));
  if (outside) {
    throw new Error(`--pause ${outside.from}-${outside.to} is not inside a recorded part, a second from its ends`);
  }
  const takes = takesOf(options);
  const unheard = marks.find(({ at }) => !takes.some(({ from, to }) => at >= from && at < to));
  if (unheard) throw new Error(`--mark ${unheard.at}: nothing is recorded at that second`);
  const end = records.at(-1)!.to;
  const late = [...kills.map(({ at }) => at), ...cuts.map(({ to }) => to)].find((at) => at >= end);
  if (late !== undefined) throw new Error(`Second ${late} comes after the last stop, at ${end}`);
  for (const { name } of cuts) {
    const own = cuts.filter((cut) => cut.name === name).toSorted((a, b) => a.from - b.from);
    assertApart(own, `--cut: those of ${name}`);
  }
};
