/** The short-lived address of one speaker's own file: sealed, so that it needs no row, and good for one minute. */
import type { Clock } from '../platform/clock.ts';
import { mac, sameMac } from '../room/mac.ts';

const LIFE_MS = 60_000;

/** `file` is relative to the recording's folder. */
export type OwnTrack = { recordingId: string; file: string };

export const trackTickets = ({ secret, clock }: { secret: string; clock: Clock }) => ({
  /** `r1.<expiry, ms since 1970 in base 36>.<recording>.<file>.<mac>` */
  issue: ({ recordingId, file }: OwnTrack): string => {
    const expiry = (clock.now().getTime() + LIFE_MS).toString(36);
    const body = ['r1', expiry, recordingId, Buffer.from(file, 'utf8').toString('base64url')].join('.');
    return `${body}.${mac(secret, 'receipt-track', body)}`;
  },
  /** What the ticket opens; undefined for one that has expired or is not ours. */
  open: (ticket: string): OwnTrack | undefined => {
    const body = ticket.slice(0, ticket.lastIndexOf('.'));
    if (!sameMac(mac(secret, 'receipt-track', body), ticket.slice(body.length + 1))) return undefined;
    const [version, expiry = '', recordingId = '', file = ''] = body.split('.');
    if (version !== 'r1' || !(Number.parseInt(expiry, 36) > clock.now().getTime())) return undefined;
    return { recordingId, file: Buffer.from(file, 'base64url').toString('utf8') };
  },
});
export type TrackTickets = ReturnType<typeof trackTickets>;
