/** What the journal says about one track while it is being written, and the sum of its gaps. */
import type { Gap } from '../timeline.schema.ts';
import type { Anchor, CaptureClock } from './clock.ts';
import { samplesAt } from './clock.ts';
import type { JournalEntry } from './journal.schema.ts';
import type { Span } from './loss.ts';

export type TrackLinesOrder = {
  takeId: string;
  file: string;
  anchor: Anchor;
  clock: CaptureClock;
  note: (entry: JournalEntry) => Promise<void>;
  onFailure: (error: Error) => void;
};

/** Positions are samples of the take. */
export const trackLines = ({ takeId, file, anchor, clock, note, onFailure }: TrackLinesOrder) => {
  const gaps = { count: 0, samples: 0 };
  const tell = (entry: JournalEntry): void => void note(entry).catch(onFailure);
  const gap = (fromSample: number, toSample: number, reason: Gap['reason']): void => {
    gaps.count++;
    gaps.samples += toSample - fromSample;
    tell({ type: 'gap', atMs: clock.wallMs(), takeId, file, fromSample, toSample, reason });
  };
  return {
    gaps: (): { count: number; samples: number } => gaps,
    gap,
    /** `lost` on the monotonic clock. */
    lost: (lost: Span | undefined): void => {
      if (lost) gap(samplesAt(anchor, lost.fromMs), samplesAt(anchor, lost.toMs), 'networkLost');
    },
    /** Negative samples were dropped. */
    nudged: (atSample: number, samples: number): void =>
      tell({ type: 'nudged', atMs: clock.wallMs(), takeId, file, atSample, samples }),
    gated: (fromSample: number, toSample: number): void =>
      tell({ type: 'gated', atMs: clock.wallMs(), takeId, file, fromSample, toSample }),
  };
};
export type TrackLines = ReturnType<typeof trackLines>;
