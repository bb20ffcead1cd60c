/** Readings as one table for people. Pure. */
import type { Reading } from './bars/bar.ts';

const HEAD = ['bar', 'what', 'measured', 'bound', '', 'floor of the same run', 'ratio'];

const verdictOf = ({ ok }: Reading): string => {
  if (ok === null) return '–';
  return ok ? 'ok' : 'MISS';
};

const cellsOf = (reading: Reading): string[] => {
  const { bar, what, measured, bound, floor, ratio } = reading;
  return [
    String(bar),
    what,
    measured,
    bound,
    verdictOf(reading),
    floor ?? '',
    ratio === undefined ? '' : ratio.toFixed(2),
  ];
};

/** In characters as people count them. */
const widthOf = (cell: string): number => Array.from(cell).length;

/** Rows by bar; columns as wide as their widest cell. */
export const tableOf = (readings: readonly Reading[]): string => {
  const rows = [HEAD, ...readings.toSorted((a, b) => a.bar - b.bar).map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - widthOf(cell)))
      .join('  ')
      .trimEnd();
  const [head, ...body] = rows.map(line);
  return [head, widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n');
};

/** How many bars held, were missed, and were not measured; a bar with any miss is missed. */
export const summaryOf = (readings: readonly Reading[]): string => {
  const bars = [...Map.groupBy(readings, ({ bar }) => bar).values()];
  const missed = bars.filter((rows) => rows.some(({ ok }) => ok === false)).length;
  const open = bars.filter((rows) => rows.every(({ ok }) => ok !== false) && rows.some(({ ok }) => ok === null)).length;
  return `${bars.length - missed - open} bars held, ${missed} missed, ${open} not or not wholly measured`;
};
