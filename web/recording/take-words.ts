import type { RecordingView, TakeView } from '../../server/recording/recording.schema.ts';
import { intlTag } from '../ui/intl-tag.ts';
import { m } from '../paraglide/messages.js';
import { elapsed } from '../ui/format.ts';
import { codeText } from '../ui/problem-text.ts';

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

const GAPS: Record<string, (places: { length: string; at: string }) => string> = {
  stalled: m.gap_stalled,
  reconnecting: m.gap_reconnecting,
  captureLost: m.gap_captureLost,
  networkLost: m.gap_networkLost,
};

/** "1.2 s lost at 12:03 while the recorder was restarted". */
export const gapInWords = ({ fromMs, toMs, reason }: Gap, locale: string): string =>
  (GAPS[reason] ?? m.gap)({ length: secondsInWords(toMs - fromMs, locale), at: elapsed(fromMs) });

/** Reasons for which a take ends without anybody's order, by the Problem that tells of them. */
const BY_ITSELF: Record<string, string> = {
  diskLow: 'disk-full',
  diskFailed: 'disk-failed',
  limitReached: 'recording-limit',
  mediaLost: 'media-unavailable',
  recovered: 'capture-lost',
  terminated: 'capture-lost',
  finished: 'capture-lost',
};

/** How a take ended, where that is worth a word: not when it was simply stopped. */
export const endingInWords = ({ stopReason }: Pick<TakeView, 'stopReason'>): string => {
  if (stopReason === 'paused') return m.take_paused();
  if (stopReason === 'roomEnded') return m.take_room_ended();
  const code = BY_ITSELF[stopReason ?? ''];
  return code === undefined ? '' : m.take_ended_by_itself({ why: codeText(code).what });
};

/** Where a moment of a take lies in the replay, in seconds; null while the take is not in it. */
export const replaySecond = (recording: RecordingView, takeId: string, atMs: number): number | null => {
  const begin = recording.replay.takes.find((take) => take.takeId === takeId);
  return begin ? (begin.fromMs + atMs) / 1000 : null;
};
