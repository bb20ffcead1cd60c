/**
 * Sums what is written of several voices on the clock of their take. A voice may be told late, in any order and in any
 * pieces, as long as its place has not been mixed yet; where nobody is told there is silence, so the mix is always as
 * long as the time that has passed. Pure memory of a fixed size.
 */

/** 8 s: more than anything in a capture holds sound back. */
const WINDOW_SAMPLES = 384_000;

const FULL_SCALE = 32_768;

export type Mixer = {
  /** How far beyond what has left the mixer a sound may lie. */
  windowSamples: number;
  /** Everything before this position of the take has left the mixer. */
  mixedTo: () => number;
  /** Adds samples that lie there in the take. Returns how many of them came too late. */
  add: (fromSample: number, samples: Int16Array) => number;
  /** Takes the mix up to this position out, full scale = 1.0; at most one window at a time. */
  take: (toSample: number) => Float32Array<ArrayBuffer>;
};

/** A mixer whose first sample lies at `fromSample` of the take. */
export const mixer = (fromSample: number): Mixer => {
  const ring = new Float32Array(WINDOW_SAMPLES);
  let mixed = fromSample;
  return {
    windowSamples: WINDOW_SAMPLES,
    mixedTo: () => mixed,
    add: (from, samples) => {
      const late = Math.min(samples.length, Math.max(0, mixed - from));
      const room = Math.min(samples.length, mixed + WINDOW_SAMPLES - from);
      let place = (from + late) % WINDOW_SAMPLES;
      for (let i = late; i < room; i++) {
        ring[place]! += samples[i]! / FULL_SCALE;
        place = place + 1 === WINDOW_SAMPLES ? 0 : place + 1;
      }
      return late;
    },
    take: (to) => {
      const length = Math.min(Math.max(0, to - mixed), WINDOW_SAMPLES);
      const out = new Float32Array(length);
      const start = mixed % WINDOW_SAMPLES;
      const first = ring.subarray(start, Math.min(start + length, WINDOW_SAMPLES));
      const second = ring.subarray(0, length - first.length);
      out.set(first);
      out.set(second, first.length);
      first.fill(0);
      second.fill(0);
      mixed += length;
      return out;
    },
  };
};
