/** The end of a track that is still in memory, behind the gate, and the file that the rest of it went into. */
import type { Bleed, Released } from './bleed-gate.ts';
import { BEFORE_SAMPLES, HOLD_SAMPLES, bleedGate } from './bleed-gate.ts';
import type { TrackFile } from './track-file.ts';

/** What the room knows of others at the time of a call, on the timeline of one take. */
export type BleedWatch = Bleed & {
  /** Somebody who is not recorded has, or just had, an open microphone. */
  holding: () => boolean;
  nowSample: () => number;
};

export type HeldFile = {
  /** On the take's timeline: where the next sample goes. */
  endSample: () => number;
  write: (samples: Int16Array) => void;
  writeZeros: (count: number) => void;
  /** Hands over to the file what need not wait any longer. */
  advance: () => void;
  heldBytes: () => number;
  /** Hands over everything. */
  flush: () => void;
};

export type HeldFileOrder = {
  file: TrackFile;
  offsetSamples: number;
  watch: BleedWatch;
  /** Hears of everything but zeros, as it goes into the file; the array is valid during the call only. */
  onWritten: ((fromSample: number, samples: Int16Array) => void) | undefined;
  /** What was silenced, when it is over. */
  onGated: (fromSample: number, toSample: number) => void;
};

export const heldFile = ({ file, offsetSamples, watch, onWritten, onGated }: HeldFileOrder): HeldFile => {
  const gate = bleedGate();
  let endSample = offsetSamples;
  let silenced: { from: number; to: number } | undefined;

  const endSilence = (): void => {
    if (silenced) onGated(silenced.from, silenced.to);
    silenced = undefined;
  };
  const put = ({ fromSample, length, samples, gated }: Released): void => {
    if (gated) silenced = { from: silenced?.from ?? fromSample, to: fromSample + length };
    else endSilence();
    if (!samples) return file.writeZeros(length);
    onWritten?.(fromSample, samples);
    file.write(samples);
  };
  const push = (length: number, samples: Int16Array | null): void => {
    gate.push({ fromSample: endSample, length, samples });
    endSample += length;
  };

  return {
    endSample: () => endSample,
    write: (samples) => push(samples.length, samples),
    writeZeros: (count) => push(count, null),
    advance: () => {
      const until = watch.holding() ? watch.nowSample() - HOLD_SAMPLES : Infinity;
      gate.release(until, watch).forEach(put);
    },
    heldBytes: () => gate.heldSamples() * 2,
    flush: () => {
      // LiveKit's word on the last second does not come any more.
      const unknownFrom = watch.holding() ? watch.nowSample() - BEFORE_SAMPLES : Infinity;
      const mayHoldOthers = (from: number, to: number): boolean => to > unknownFrom || watch.mayHoldOthers(from, to);
      gate.release(Infinity, { ...watch, mayHoldOthers }).forEach(put);
      endSilence();
    },
  };
};
