/** Microphones whose sound has stopped coming although LiveKit hears them. Pure. */
import type { Microphone } from './microphones.ts';

export const STALLED_MS = 3_000;
/** A word of LiveKit tells of up to this long before it: it may still be about the last frame that came. */
const LATE_WORD_MS = 1_200;

/** When what is known of a track began: its first look, or the last time it was asked for anew. */
export type Growth = ReadonlyMap<string, number>;
export const UNSEEN: Growth = new Map();

/** `grownMs`: when its last frame came, if one did. `namedMs`: when LiveKit last said that they speak. Monotonic. */
export type Look = Microphone & { grownMs: number | undefined; namedMs: number | undefined };

/** Takes one look at all microphones that may be heard; answers those to ask for anew. */
export const stepGrowth = (growth: Growth, looks: readonly Look[], nowMs: number) => {
  const next = new Map<string, number>();
  const stalled: string[] = [];
  for (const { trackSid, muted, grownMs, namedMs } of looks) {
    const sinceMs = Math.max(growth.get(trackSid) ?? nowMs, grownMs ?? 0);
    const heard = namedMs !== undefined && namedMs > sinceMs + LATE_WORD_MS;
    const asksAgain = !muted && heard && nowMs - sinceMs >= STALLED_MS;
    if (asksAgain) stalled.push(trackSid);
    next.set(trackSid, asksAgain ? nowMs : (growth.get(trackSid) ?? nowMs));
  }
  return { growth: next as Growth, stalled };
};
