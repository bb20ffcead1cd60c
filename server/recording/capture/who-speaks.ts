/**
 * Who is being heard in the room, as far as LiveKit tells. It looks every 400 ms and sends those whose level changed;
 * what reaches us of it is the identities that are loud among them. So a name that comes is certain, and a name that
 * does not come is either unchanged or silent by now. Of microphones that are captured our own ears know which; of the
 * others a message is believed only where nobody else explains it, and a name that stays away for long is dropped.
 */

/** Monotonic ms of the last message that named them, by identity. */
export type Speaking = ReadonlyMap<string, number>;
export const NOBODY: Speaking = new Map();

/** Nobody speaks as long as this without one change of LiveKit's eight steps of level or one pause. */
export const FORGET_MS = 15_000;

/** What our own ears say: undefined of a microphone that is not captured. */
export type Ears = (identity: string) => 'loud' | 'quiet' | undefined;

/** Takes one message: the identities it named. */
export const hearNamed = (speaking: Speaking, named: readonly string[], atMs: number, ears: Ears): Speaking => {
  const next = new Map(speaking);
  for (const identity of named) next.set(identity, atMs);
  const others = [...speaking.keys()].filter((identity) => !named.includes(identity));
  const fellSilent = others.filter((identity) => ears(identity) === 'quiet');
  const strangers = others.filter((identity) => ears(identity) === undefined);
  for (const identity of fellSilent) next.delete(identity);
  const onlyOne = named.length === 0 && fellSilent.length === 0 && strangers.length === 1;
  if (onlyOne) next.delete(strangers[0]!);
  return next;
};

/** Drops those who cannot be speaking: their microphone is gone, or nothing was heard of them for too long. */
export const forget = (speaking: Speaking, isThere: (identity: string) => boolean, nowMs: number): Speaking =>
  new Map([...speaking].filter(([identity, atMs]) => isThere(identity) && nowMs - atMs < FORGET_MS));
