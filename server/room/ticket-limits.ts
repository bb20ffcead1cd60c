import type { Config } from '../config.ts';
import { addressKey, limitKey } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { tokenBuckets } from '../platform/token-bucket.ts';
import { Problem } from '../problems.ts';

type Limits = Pick<Config, 'ticketBurst' | 'ticketPerMinute' | 'ticketGlobalPerMinute'>;

// A network of 256 /56 gets what eight of them would: enough for a school, too little to empty the global budget.
const wideFactor = 8;

const refuseFor = (waitMs: number): void => {
  if (waitMs > 0) throw new Problem('too-many-requests', { retryAfterSeconds: Math.ceil(waitMs / 1000) });
};

/**
 * How many tickets may be taken: per IPv4 address or IPv6 /56, per /48, and by everybody together. A classroom behind
 * one address gets in at once; a script does not fill a room. Throws `too-many-requests`.
 */
export const ticketLimits = (limits: Limits, clock: Clock) => {
  const { ticketBurst: burst, ticketPerMinute: perMinute, ticketGlobalPerMinute } = limits;
  const near = tokenBuckets({ burst, perMinute }, clock);
  const wide = tokenBuckets({ burst: burst * wideFactor, perMinute: perMinute * wideFactor }, clock);
  const everybody = tokenBuckets({ burst: ticketGlobalPerMinute, perMinute: ticketGlobalPerMinute }, clock);
  return (ip: string): void =>
    refuseFor(near.take(addressKey(ip, 56)) || wide.take(addressKey(ip, 48)) || everybody.take('everybody'));
};
export type TicketLimits = ReturnType<typeof ticketLimits>;

/**
 * How much one visit may ask for with its visit secret: renewals, hands, answers, moderation. Counted by visit and not
 * by address, because after a restart a whole classroom renews at once. Throws `too-many-requests`.
 */
export const visitLimits = ({ visitActsPerMinute }: Pick<Config, 'visitActsPerMinute'>, clock: Clock) => {
  const acts = tokenBuckets({ burst: visitActsPerMinute, perMinute: visitActsPerMinute }, clock);
  return ({ identity }: { identity: string }): void => refuseFor(acts.take(limitKey(identity)));
};
