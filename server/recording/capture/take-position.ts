/**
 * Where a take stands on its own clock: samples since its anchor, the stretches in which nobody was captured, and the
 * lines of the journal that say so.
 */
import type { Anchor, CaptureClock } from './clock.ts';
import { anchorAt, samplesAt } from './clock.ts';
import type { JournalEntry } from './journal.schema.ts';
import type { TakePast } from './take-past.ts';

export type TakePositionDeps = {
  takeId: string;
  ordinal: number;
  clock: CaptureClock;
  note: (entry: JournalEntry) => void;
  /** What another process left of this take. */
  past: TakePast | undefined;
};

export type TakePosition = {
  /** Undefined before the first sample. */
  anchor: () => Anchor | undefined;
  nowSample: () => number;
  /** The first sample of the take, or the first after an absence, lies at this moment. */
  arrive: (monotonicMs: number) => Anchor;
  /** From now on nobody is captured. */
  lose: () => void;
  /** An absence, if there is one, ends at this sample. */
  endAbsence: (toSample: number) => void;
  noteProgress: () => void;
  noteMuted: (trackSid: string, muted: boolean) => void;
  /** Absences that are over. */
  gaps: () => { gaps: number; gapSamples: number };
};

export const takePosition = ({ takeId, ordinal, clock, note, past }: TakePositionDeps): TakePosition => {
  let anchor = past?.anchor;
  let awayFrom: { sample: number; reason: 'captureLost' | 'reconnecting' } | undefined = past && {
    sample: past.reachedSamples,
    reason: 'captureLost',
  };
  let gaps = 0;
  let gapSamples = 0;

  const nowSample = (): number => (anchor ? samplesAt(anchor, clock.monotonicMs()) : 0);
  const endAbsence = (toSample: number): void => {
    if (!awayFrom) return;
    const fromSample = Math.min(awayFrom.sample, toSample);
    const { reason } = awayFrom;
    awayFrom = undefined;
    gaps++;
    gapSamples += toSample - fromSample;
    note({ type: 'gap', atMs: clock.wallMs(), takeId, file: null, fromSample, toSample, reason });
  };

  return {
    anchor: () => anchor,
    nowSample,
    arrive: (monotonicMs) => {
      if (!anchor) {
        anchor = anchorAt(clock, monotonicMs);
        note({ type: 'takeStarted', atMs: anchor.wallMs, takeId, ordinal, anchor });
      }
      endAbsence(samplesAt(anchor, monotonicMs));
      return anchor;
    },
    lose: () => (awayFrom = { sample: nowSample(), reason: 'reconnecting' }),
    endAbsence,
    noteProgress: () => note({ type: 'progress', atMs: clock.wallMs(), takeId, samples: nowSample() }),
    noteMuted: (trackSid, muted) => {
      const line = { atMs: clock.wallMs(), takeId, trackSid, atSample: nowSample() };
      note({ type: muted ? 'muted' : 'unmuted', ...line });
    },
    gaps: () => ({ gaps, gapSamples }),
  };
};
