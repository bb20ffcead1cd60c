import type { Config } from '../config.ts';
import { addressKey } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { tokenBuckets } from '../platform/token-bucket.ts';

type Limits = Pick<Config, 'ticketBurst' | 'ticketPerMinute' | 'ticketGlobalPerMinute'>;

// A network of 256 /56 gets what eight of them would: enough for a school, too little to empty the global budget.
const wideFactor = 8;

/**
 * How many tickets may be taken: per IPv4 address or IPv6 /56, per /48, and by everybody together. A classroom behind
 * one address gets in at once; a script does not fill a room. Returns the milliseconds to wait, 0 for none.
 */
export const ticketLimits = (limits: Limits, clock: Clock) => {
  const { ticketBurst: burst, ticketPerMinute: perMinute, ticketGlobalPerMinute } = limits;
  const near = tokenBuckets({ burst, perMinute }, clock);
  const wide = tokenBuckets({ burst: burst * wideFactor, perMinute: perMinute * wideFactor }, clock);
  const everybody = tokenBuckets({ burst: ticketGlobalPerMinute, perMinute: ticketGlobalPerMinute }, clock);
  return (ip: string): number =>
    near.take(addressKey(ip, 56)) || wide.take(addressKey(ip, 48)) || everybody.take('everybody');
};
export type TicketLimits = ReturnType<typeof ticketLimits>;
