/**
 * A voice that is not recorded may be heard by a neighbour's microphone. While LiveKit says that such a voice is
 * active, what a captured microphone delivers at the level of bleed becomes zeros; what may be its owner's speech never
 * does. LiveKit's word comes up to 1.2 s after the sound (two looks of 400 ms until a quiet voice counts, and one until
 * the message), so the frames wait in memory for as long.
 *
 * A frame may be speech when it, or one close to it, is not far below the level at which its owner speaks, or when
 * LiveKit named its owner. Levels are RMS of a frame in dBFS.
 */
import { SAMPLE_RATE } from '../timeline.schema.ts';

const ms = (milliseconds: number): number => (milliseconds * SAMPLE_RATE) / 1000;

/** How long frames wait while somebody who is not recorded has an open microphone. */
export const HOLD_SAMPLES = ms(1_250);
/** How long before LiveKit's word, and after its last, the voice may have sounded. */
export const BEFORE_SAMPLES = ms(1_200);
export const AFTER_SAMPLES = ms(300);
/** Around speech everything is kept: soft beginnings and ends of words. */
const BEFORE_SPEECH = ms(200);
const AFTER_SPEECH = ms(300);
const FRAME = ms(20);

/** Bleed lies at least this far under the owner's own speech, and never outside these bounds. */
const BELOW_SPEECH_DB = 25;
const HIGHEST_BLEED_DB = -42;
const LOWEST_BLEED_DB = -60;
/** While the owner has not spoken. */
const UNKNOWN_BLEED_DB = -50;
/** Nothing softer teaches how the owner speaks. */
const TEACHING_DB = -45;

/** Whether a stretch of the take may hold what must not be recorded, and whether LiveKit named the owner in it. */
export type Bleed = {
  mayHoldOthers: (fromSample: number, toSample: number) => boolean;
  namesOwner: (fromSample: number, toSample: number) => boolean;
};

/** Consecutive samples of a take; `samples` null are zeros that stand for what was lost. */
export type Stretch = { fromSample: number; length: number; samples: Int16Array | null };
type Held = Stretch & { db: number };
/** What goes into the file; `gated` marks what was silenced. */
export type Released = Stretch & { gated: boolean };

const levelOf = (samples: Int16Array): number => {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return 10 * Math.log10(Math.max(1e-12, sum / samples.length / 32_768 ** 2));
};

/** What is at or below this is bleed, for one who speaks at `speechDb`. */
export const bleedDb = (speechDb: number | undefined): number =>
  speechDb === undefined
    ? UNKNOWN_BLEED_DB
    : Math.min(HIGHEST_BLEED_DB, Math.max(LOWEST_BLEED_DB, speechDb - BELOW_SPEECH_DB));

/** Rises to louder speech within a few frames, falls to softer speech over seconds of it; silence changes nothing. */
const learn = (speechDb: number | undefined, db: number): number | undefined => {
  if (db <= Math.max(TEACHING_DB, bleedDb(speechDb))) return speechDb;
  return speechDb === undefined ? db : speechDb + (db - speechDb) * (db > speechDb ? 0.2 : 0.005);
};

const framesOf = ({ fromSample, length, samples }: Stretch): Held[] => {
  if (!samples) return [{ fromSample, length, samples, db: -Infinity }];
  return Array.from({ length: Math.ceil(length / FRAME) }, (_, i) => {
    const frame = samples.subarray(i * FRAME, (i + 1) * FRAME);
    return { fromSample: fromSample + i * FRAME, length: frame.length, samples: frame, db: levelOf(frame) };
  });
};

/** The gate of one captured microphone. What is given to it must not change afterwards. */
export const bleedGate = () => {
  let held: Held[] = [];
  let speechDb: number | undefined;
  let speechEnd = -Infinity;

  const maySpeak = (at: number, bleed: Bleed): boolean => {
    const { fromSample, length } = held[at]!;
    if (fromSample - speechEnd < AFTER_SPEECH || bleed.namesOwner(fromSample, fromSample + length)) return true;
    for (let i = at; i < held.length && held[i]!.fromSample - fromSample <= BEFORE_SPEECH; i++) {
      if (held[i]!.db > bleedDb(speechDb)) return true;
    }
    return false;
  };
  const judge = (at: number, bleed: Bleed): Released => {
    const { db, ...stretch } = held[at]!;
    const end = stretch.fromSample + stretch.length;
    const others = bleed.mayHoldOthers(stretch.fromSample, end);
    const gated = others && stretch.samples !== null && !maySpeak(at, bleed);
    if (db > bleedDb(speechDb)) speechEnd = end;
    if (!others) speechDb = learn(speechDb, db);
    return gated ? { ...stretch, samples: null, gated } : { ...stretch, gated };
  };

  return {
    push: (stretch: Stretch): void => void held.push(...framesOf(stretch)),
    /** What ends before `untilSample`, judged, in order. */
    release: (untilSample: number, bleed: Bleed): Released[] => {
      const ripe = held.findIndex(({ fromSample, length }) => fromSample + length > untilSample);
      const count = ripe < 0 ? held.length : ripe;
      const released = Array.from({ length: count }, (_, at) => judge(at, bleed));
      held = held.slice(count);
      return released;
    },
    heldSamples: (): number => held.reduce((sum, { length }) => sum + length, 0),
  };
};
export type BleedGate = ReturnType<typeof bleedGate>;
