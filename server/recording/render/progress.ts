import { RENDER_STEPS } from '../recording.schema.ts';

export type RenderStep = (typeof RENDER_STEPS)[number];

/** `percent` is of the whole render and never falls; `etaMs` is null while it would be a guess. */
export type RenderProgress = { step: RenderStep; percent: number; etaMs: number | null };

/** Where each step begins, in percent: shares of time measured with three voices on one core. */
const BEGINS: Record<RenderStep, number> = {
  probe: 0,
  align: 5,
  mix: 25,
  master: 32,
  encode: 47,
  peaks: 82,
  verify: 84,
  ready: 100,
};
const FIRST_GUESS_PERCENT = 5;

/** Told how far each part of a step has come, 0 to 1. */
export type Tracker = (step: RenderStep, parts?: number) => (part: number, fraction: number) => void;

/**
 * Turns fractions of parts of steps into one rising number and an honest guess of the time left: from the speed of what
 * was really done here. Steps that were found done, and rounds that were not needed, count as reached and as nothing else.
 */
export const trackProgress = (report: (progress: RenderProgress) => void, now: () => number): Tracker => {
  const startedAt = now();
  let percent = 0;
  let skipped = 0;
  const leftMs = (): number | null => {
    const worked = percent - skipped;
    if (percent === 100) return 0;
    return worked < FIRST_GUESS_PERCENT ? null : Math.round(((now() - startedAt) * (100 - percent)) / worked);
  };
  return (step, parts = 1) => {
    const fractions = Array.from({ length: Math.max(1, parts) }, () => 0);
    const end = BEGINS[RENDER_STEPS[RENDER_STEPS.indexOf(step) + 1] ?? 'ready'];
    const tell = () => {
      const done = fractions.reduce((sum, fraction) => sum + fraction, 0) / fractions.length;
      percent = Math.max(percent, Math.floor(BEGINS[step] + (end - BEGINS[step]) * done));
      report({ step, percent, etaMs: leftMs() });
    };
    skipped += Math.max(0, BEGINS[step] - percent);
    tell();
    return (part, fraction) => {
      fractions[part] = Math.max(0, Math.min(1, fraction));
      tell();
    };
  };
};
