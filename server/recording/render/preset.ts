import type { PRESETS } from '../recording.schema.ts';

export type Preset = (typeof PRESETS)[number];

/** How a kind of sound is treated: what every track passes, what the mix passes each track through, how far it is levelled. */
export type Treatment = {
  /** Rumble off, then, for speech, steady noise down. */
  clean: string;
  /** Evens out the words of a sentence and takes the edge off a thump of the table; null leaves a track's dynamics alone. */
  dynamics: string | null;
  /** Most decibels up or down by which a track is brought to the common level. */
  mostGainDb: number;
};

/**
 * Speech: whoever speaks, all are equally loud. Music: nothing below what can be heard of an instrument is touched, the
 * players' own balance is evened only where it is far off, loud and soft stay; the finished file is as loud as any other.
 */
export const TREATMENTS: Record<Preset, Treatment> = {
  speech: {
    clean: 'highpass=f=80,afftdn=nr=10:nf=-50',
    dynamics: 'acompressor=threshold=-22dB:ratio=3:attack=5:release=80',
    mostGainDb: 30,
  },
  music: { clean: 'highpass=f=20', dynamics: null, mostGainDb: 9 },
};
