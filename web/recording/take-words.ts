import type { RecordingView, TakeView } from '../../server/recording/recording.schema.ts';
import { intlTag } from '../ui/intl-tag.ts';
import { m } from '../paraglide/messages.js';
import { elapsed } from '../ui/format.ts';

export type Gap = TakeView['gaps'][number];

/** A take as its host calls it. */
export const takeTitle = (take: Pick<TakeView, 'name' | 'ordinal'>): string =>
  take.name ?? m.take({ ordinal: take.ordinal });

/** The gaps in their order, what several tracks lost together once. */
export const gapsInOrder = (gaps: readonly Gap[]): Gap[] => {
  const once = new Map(gaps.map((gap) => [`${gap.fromMs} ${gap.toMs} ${gap.reason}`, gap]));
  return [...once.values()].toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
};

/** A length in seconds with one decimal, as the language writes it: `1.2`, `1,2`. */
export const secondsInWords = (ms: number, locale: string): string =>
  new Intl.NumberFormat(intlTag(locale), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(ms / 1000);

/** "1.2 s lost at 12:03 while the recorder was restarted". */
export const gapInWords = ({ fromMs, toMs, reason }: Gap, locale: string): string => {
  const places = { length: secondsInWords(toMs - fromMs, locale), at: elapsed(fromMs) };
  if (reason === 'stalled') return m.gap_stalled(places);
  if (reason === 'reconnecting') return m.gap_reconnecting(places);
  return reason === 'captureLost' ? m.gap_captureLost(places) : m.gap(places);
};

/** Where a moment of a take lies in the replay, in seconds; null while the take is not in it. */
export const replaySecond = (recording: RecordingView, takeId: string, atMs: number): number | null => {
  const begin = recording.replay.takes.find((take) => take.takeId === takeId);
  return begin ? (begin.fromMs + atMs) / 1000 : null;
};
