/** Light moves at most twelve times a second; more is not seen and costs a phone its battery. */
export const LEVEL_INTERVAL_MS = 1000 / 12;

/**
 * How bright a niche is for LiveKit's audio level (0…1, linear), given how bright it was: rises at once, sinks softly.
 * The square root spreads ordinary speech (0.02…0.3) over the visible range.
 */
export const brightness = (audioLevel: number, before: number): number => {
  const heard = Math.min(1, 0.25 + Math.sqrt(Math.max(0, audioLevel)));
  return heard >= before ? heard : before * 0.6 + heard * 0.4;
};
