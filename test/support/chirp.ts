import { SAMPLE_RATE } from './sound.ts';

const SECONDS = 0.2;
const LENGTH = SECONDS * SAMPLE_RATE;

/** A glide of 0.2 s with one sharp correlation peak: where it lies in other sound can be told to the sample. */
export const chirp = (fromHz: number, toHz: number, dbfs = -12): Int16Array =>
  Int16Array.from({ length: LENGTH }, (_, i) => {
    const t = i / SAMPLE_RATE;
    const phase = 2 * Math.PI * (fromHz * t + ((toHz - fromHz) / (2 * SECONDS)) * t * t);
    return Math.round(32_767 * 10 ** (dbfs / 20) * Math.sin((Math.PI * i) / LENGTH) * Math.sin(phase));
  });

/** `seconds` of silence with `sound` at each of these samples. */
export const placed = (seconds: number, sound: Int16Array, ...at: number[]): Int16Array => {
  const pcm = new Int16Array(seconds * SAMPLE_RATE);
  for (const sample of at) pcm.set(sound, sample);
  return pcm;
};

/** The sample within ± `reach` of `near` at which `sound` begins in `pcm`, by cross-correlation. */
export const findIn = (pcm: Int16Array, sound: Int16Array, near: number, reach = 2400): number => {
  let best = { at: near, correlation: -Infinity };
  for (let at = Math.max(0, near - reach); at <= near + reach; at++) {
    let correlation = 0;
    for (let i = 0; i < sound.length; i++) correlation += sound[i]! * (pcm[at + i] ?? 0);
    if (correlation > best.correlation) best = { at, correlation };
  }
  return best.at;
};
