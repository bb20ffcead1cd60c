import type { MasterView, TakeView } from '../../server/recording/recording.schema.ts';
import { secondsOf } from '../publication/moment.ts';
import { elapsed } from '../ui/format.ts';

export type CutRange = MasterView['cut'][number];

/** One part of a cut as it stands in the form: times as they were typed. */
export interface Part {
  id: number;
  takeId: string;
  from: string;
  to: string;
}
export type PartFault = 'time' | 'order' | 'length';

/** A time to a tenth of a second, never later than the moment itself: `12:03.5`. */
export const clockOf = (ms: number): string => `${elapsed(ms)}.${Math.floor(Math.max(0, ms) / 100) % 10}`;

const msOf = (text: string): number | null => {
  const seconds = secondsOf(text.trim().replace(',', '.') || null);
  return seconds === null ? null : Math.round(seconds * 1000);
};

/** Takes that can be cut: they have ended, and something of them is there. */
export const cuttable = (takes: readonly TakeView[]): TakeView[] =>
  takes.filter(({ state, durationMs }) => (state === 'closed' || state === 'lost') && (durationMs ?? 0) > 0);

/** What was typed as a range, or what is wrong with it. The last tenth of a take as it is shown means its very end. */
export const rangeOf = (part: Part, takes: readonly TakeView[]): CutRange | PartFault => {
  const length = takes.find(({ id }) => id === part.takeId)?.durationMs ?? 0;
  const fromMs = msOf(part.from);
  const typed = msOf(part.to);
  if (fromMs === null || typed === null) return 'time';
  const toMs = part.to.trim() === clockOf(length) ? length : typed;
  if (toMs > length || fromMs > length) return 'length';
  return fromMs < toMs ? { takeId: part.takeId, fromMs, toMs } : 'order';
};

/** The ranges of all parts, or null while one of them is not right. */
export const rangesOf = (parts: readonly Part[], takes: readonly TakeView[]): CutRange[] | null => {
  const ranges = parts.map((part) => rangeOf(part, takes));
  const right = ranges.filter((range) => typeof range !== 'string');
  return right.length === ranges.length && right.length > 0 ? right : null;
};

/** The parts with one of them a place further up (-1) or down (1); the same ones where it cannot go. */
export const moved = (parts: readonly Part[], index: number, by: -1 | 1): Part[] => {
  const one = parts[index];
  const other = parts[index + by];
  return one && other ? parts.with(index, other).with(index + by, one) : [...parts];
};
