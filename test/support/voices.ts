/**
 * Two built-in voices and measuring tones, all deterministic. A voice is a train of glottal pulses shaped by the
 * formants of five vowels, in syllables of changing length with pauses for breath: enough like speech for the gates,
 * filters and loudness meters that treat it.
 */
import { SAMPLE_RATE, levelDbfs } from './sound.ts';

const VOWELS = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
] as const;
const TABLE = 2048;

/** How a voice differs from another: pitch in Hz, formants scaled by the size of the throat, syllables per second. */
export type Voice = { pitchHz: number; throat: number; syllablesPerSecond: number; seed: number };

export const ADA: Voice = { pitchHz: 208, throat: 1.17, syllablesPerSecond: 4.6, seed: 7 };
export const BO: Voice = { pitchHz: 104, throat: 1, syllablesPerSecond: 3.7, seed: 1234 };

/** Park and Miller's minimal generator: numbers in [0, 1), the same on every machine. */
const randomFrom = (seed: number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

/** One period of the voice saying one vowel: harmonics falling by 1/n, lifted at each formant. */
const periodOf = (voice: Voice, formants: readonly number[]): Float64Array => {
  const period = new Float64Array(TABLE);
  for (let harmonic = 1; harmonic * voice.pitchHz < 4000; harmonic++) {
    const hz = harmonic * voice.pitchHz;
    const gain = formants.reduce((sum, f, i) => sum + 1 / (1 + ((hz - f * voice.throat) / (60 + 40 * i)) ** 2), 0.02);
    for (let i = 0; i < TABLE; i++) {
      period[i] = period[i]! + (gain / harmonic) * Math.sin((2 * Math.PI * harmonic * i) / TABLE);
    }
  }
  return period;
};

const scaleTo = (wave: Float64Array, dbfs: number): Int16Array => {
  const raw = Int16Array.from(wave, (value) => Math.round(value * 1000));
  const gain = 10 ** ((dbfs - levelDbfs(raw)) / 20);
  return Int16Array.from(wave, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 1000 * gain))));
};

/** `seconds` of this voice at an RMS level of `dbfs`. */
export const speak = (voice: Voice, seconds: number, dbfs = -24): Int16Array => {
  const random = randomFrom(voice.seed);
  const periods = VOWELS.map((formants) => periodOf(voice, formants));
  const wave = new Float64Array(Math.round(seconds * SAMPLE_RATE));
  let phase = 0;
  for (let at = 0; at < wave.length;) {
    const length = Math.round((SAMPLE_RATE / voice.syllablesPerSecond) * (0.7 + 0.6 * random()));
    const breath = random() < 0.12;
    const period = periods[Math.floor(random() * periods.length)]!;
    const glide = 0.9 + 0.25 * random();
    for (let i = 0; i < length && at < wave.length; i++, at++) {
      phase = (phase + (TABLE * voice.pitchHz * glide * (1 - (0.06 * i) / length)) / SAMPLE_RATE) % TABLE;
      wave[at] = breath ? 0 : period[Math.floor(phase)]! * Math.sin((Math.PI * i) / length) ** 0.7;
    }
  }
  return scaleTo(wave, dbfs);
};

/** An even sine of peak level `dbfs`. */
export const tone = (hz: number, seconds: number, dbfs = -12): Int16Array =>
  Int16Array.from({ length: Math.round(seconds * SAMPLE_RATE) }, (_, i) =>
    Math.round(32_767 * 10 ** (dbfs / 20) * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE)),
  );

/** Beeps of 100 ms, one at the start of every `everySeconds`, silence between: for measuring where sound lies. */
export const beeps = (hz: number, seconds: number, everySeconds = 1, dbfs = -12): Int16Array => {
  const pcm = new Int16Array(Math.round(seconds * SAMPLE_RATE));
  const beep = tone(hz, 0.1, dbfs);
  for (let at = 0; at + beep.length <= pcm.length; at += everySeconds * SAMPLE_RATE) pcm.set(beep, at);
  return pcm;
};
