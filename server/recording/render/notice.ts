/*
 * The notice tone: two short soft notes that say "from here" (rising) and "to here" (falling) of a take. It lies over
 * the first and last 0.4 s of a take and adds no length.
 */
import { SAMPLE_RATE } from '../timeline.schema.ts';
import { LINE_FORMAT } from './align.ts';
import type { TakeEdge } from './plan.ts';

const NOTE_SECONDS = 0.2;
const TONE_SAMPLES = 2 * NOTE_SECONDS * SAMPLE_RATE;
/** E5 and A5, a fourth apart. */
const LOW_HZ = 659.26;
const HIGH_HZ = 880;
/** Peak of each note: with its raised-cosine envelope the tone reads −30 LUFS over its 0.4 s (dual-mono reading). */
const NOTE_PEAK = 0.0515;

const note = (hz: number, fromSeconds: number): string => {
  const t = `(t-${fromSeconds})`;
  return `between(t,${fromSeconds},${fromSeconds + NOTE_SECONDS})*${NOTE_PEAK / 2}*(1-cos(2*PI*${t}/${NOTE_SECONDS}))*sin(2*PI*${hz}*${t})`;
};

/** Filters that lay a tone over each edge of `bed`, giving `out`; the tone is as loud as the sentence above says. */
export const noticeFilters = (edges: TakeEdge[], bed: string, out: string): string[] => {
  if (edges.length === 0) return [`[${bed}]anull[${out}]`];
  const tones = edges.map(({ kind, atSample }, i) => {
    const [first, second] = kind === 'start' ? [LOW_HZ, HIGH_HZ] : [HIGH_HZ, LOW_HZ];
    const from = Math.max(0, kind === 'start' ? atSample : atSample - TONE_SAMPLES);
    const source = `aevalsrc=exprs='${note(first, 0)}+${note(second, NOTE_SECONDS)}':s=${SAMPLE_RATE}:d=${2 * NOTE_SECONDS}`;
    return `${source},${LINE_FORMAT}${from > 0 ? `,adelay=${from}S` : ''}[t${i}]`;
  });
  const labels = edges.map((_, i) => `[t${i}]`).join('');
  return [...tones, `[${bed}]${labels}amix=inputs=${edges.length + 1}:normalize=0:duration=first[${out}]`];
};
