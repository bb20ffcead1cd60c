import { isDatabaseAway } from '../platform/database-away.ts';
import type { Clock } from '../platform/clock.ts';
import type { HostActor } from './actor.ts';
import type { Action } from './actions.schema.ts';

/** What a host may do on the strength of having proved lately who they are: end what they have begun, nothing else. */
const ENDINGS: ReadonlySet<Action> = new Set<Action>(['pauseRecording', 'stopRecording', 'endLiveSession']);
const KEPT_MS = 12 * 3_600_000;
const KEPT = 1_000;

/** Who a token belongs to, until when. */
export type Proof = { actor: HostActor; expiresAt: Date };

/**
 * Remembers by the hash of their token who proved who they are, for the time in which the database is away: whoever
 * started a recording must be able to stop it. As long as the database answers, it alone decides.
 */
export const knownHosts = (clock: Clock) => {
  const known = new Map<string, { actor: HostActor; untilMs: number }>();

  const remember = (tokenHash: string, proof: Proof | undefined): void => {
    known.delete(tokenHash);
    if (proof) {
      const untilMs = Math.min(proof.expiresAt.getTime(), clock.now().getTime() + KEPT_MS);
      known.set(tokenHash, { actor: proof.actor, untilMs });
    }
    if (known.size > KEPT) known.delete(known.keys().next().value!);
  };

  return {
    /** What the database says of this token; while it is away, for an ending, what it said last. */
    ask: async (
      tokenHash: string,
      action: Action,
      look: () => Promise<Proof | undefined>,
    ): Promise<HostActor | undefined> => {
      try {
        const proof = await look();
        remember(tokenHash, proof);
        return proof?.actor;
      } catch (error) {
        const last = known.get(tokenHash);
        const isFresh = last !== undefined && clock.now().getTime() < last.untilMs;
        if (isFresh && ENDINGS.has(action) && isDatabaseAway(error)) return last.actor;
        throw error;
      }
    },
    forget: (tokenHash: string): void => void known.delete(tokenHash),
  };
};
