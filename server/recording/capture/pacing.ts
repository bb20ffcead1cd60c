/**
 * How a track is held to the clock. Frames of rtc-node carry no timestamps and come out of a jitter buffer, at the pace
 * of a playout device that all tracks share; a starved machine loses some of them silently. So the clock decides: the
 * lag of a track is how far the end of its last frame lies behind the time of that frame's arrival. A frame can be
 * late but never early, so the smallest lag of the last second is the true one:
 *   - more than 100 ms behind: samples are missing; zeros go in before what just came, and a gap is listed;
 *   - more than 250 ms ahead: samples are too many, dropped at once;
 *   - a second long more than 30 ms off, either way: corrected where the speaker is silent, which nobody hears.
 * A fill is never longer than the clock says has passed since the last frame.
 */
import { SAMPLE_RATE } from '../timeline.schema.ts';

const ms = (milliseconds: number): number => (milliseconds * SAMPLE_RATE) / 1000;

export const GAP_SAMPLES = ms(100);
export const SURPLUS_SAMPLES = ms(250);
export const NUDGE_SAMPLES = ms(30);
/** Observations, one each 100 ms, over which a small lag must last. */
export const NUDGE_OBSERVATIONS = 10;

/** The lags of the last second, newest last. */
export type Pace = readonly number[];
export const STEADY: Pace = [];

/** Samples to insert as zeros before what just came, or to drop from it. */
export type Correction = { kind: 'gap' | 'nudge'; insert: number } | { kind: 'surplus' | 'nudge'; drop: number };

/**
 * Takes one observation of the lag (samples, positive = behind) and says what to do. `arrived` is how many samples
 * just came, the most that can be dropped; `quiet` says that they are silence.
 */
export const stepPace = (
  pace: Pace,
  observed: { lagSamples: number; arrived: number; quiet: boolean },
): { pace: Pace; correction?: Correction } => {
  const { lagSamples, arrived, quiet } = observed;
  if (lagSamples > GAP_SAMPLES) return { pace: STEADY, correction: { kind: 'gap', insert: lagSamples } };
  const next = [...pace, lagSamples].slice(-NUDGE_OBSERVATIONS);
  const trueLag = Math.min(...next);
  if (trueLag < -SURPLUS_SAMPLES) {
    return { pace: STEADY, correction: { kind: 'surplus', drop: Math.min(arrived, -trueLag) } };
  }
  if (!quiet || next.length < NUDGE_OBSERVATIONS || Math.abs(trueLag) <= NUDGE_SAMPLES) return { pace: next };
  const correction: Correction =
    trueLag > 0 ? { kind: 'nudge', insert: trueLag } : { kind: 'nudge', drop: Math.min(arrived, -trueLag) };
  return { pace: STEADY, correction };
};

/** Silence for the purpose of corrections: no sample above -50 dBFS. */
const QUIET_PEAK = 104;
export const isQuiet = (samples: Int16Array): boolean => samples.every((sample) => Math.abs(sample) <= QUIET_PEAK);
