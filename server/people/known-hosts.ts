import { isDatabaseAway } from '../platform/database-away.ts';
import type { Clock } from '../platform/clock.ts';
import type { HostActor } from './actor.ts';
import type { Action } from './actions.schema.ts';

/** What a host may do on the strength of having proved lately who they are: end what they have begun, nothing else. */
const ENDINGS: ReadonlySet<Action> = new Set<Action>(['pauseRecording', 'stopRecording', 'endLiveSession']);
const KEPT_MS = 12 * 3_600_000;
const KEPT = 1_000;

/**
 * Remembers by the hash of their token who proved who they are, for the time in which the database is away: whoever
 * started a recording must be able to stop it. As long as the database answers, it alone decides.
 */
export const knownHosts = (clock: Clock) => {
  const known = new Map<string, { actor: HostActor; provedAtMs: number }>();

  const remember = (tokenHash: string, actor: HostActor | undefined): void => {
    known.delete(tokenHash);
    if (actor) known.set(tokenHash, { actor, provedAtMs: clock.now().getTime() });
    if (known.size > KEPT) known.delete(known.keys().next().value!);
  };

  return {
    /** What the database says of this token; while it is away, for an ending, what it said last. */
    ask: async (
      tokenHash: string,
      action: Action,
      look: () => Promise<HostActor | undefined>,
    ): Promise<HostActor | undefined> => {
      try {
        const actor = await look();
        remember(tokenHash, actor);
        return actor;
      } catch (error) {
        const last = known.get(tokenHash);
        const isFresh = last !== undefined && clock.now().getTime() - last.provedAtMs < KEPT_MS;
        if (isFresh && ENDINGS.has(action) && isDatabaseAway(error)) return last.actor;
        throw error;
      }
    },
    forget: (tokenHash: string): void => void known.delete(tokenHash),
  };
};
