/**
 * The visit secret and the socket ticket: both carry their visit inside and are sealed with a MAC, so that neither an
 * anonymous join nor its renewal needs a row or a query. The visit secret lives in the tab's sessionStorage for as long
 * as the live session; the socket ticket is good for one connection within 30 seconds.
 */
import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import { isAudienceRole, seatIdOf, verifyAudienceIdentity } from './identity.ts';
import { mac, sameMac } from './mac.ts';
import { TICKET_ROLES } from './ticket.schema.ts';
import type { TicketRole } from './ticket.schema.ts';

/** One person's stay in one tab. `displayName` is null for anonymous listeners. */
export type Visit = { liveSessionId: string; role: TicketRole; identity: string; displayName: string | null };

const roleSchema = z.enum(TICKET_ROLES);
const socketTicketLifeMs = 30_000;

// <liveSessionId>.<role>.<identity, which for the audience holds a dot of its own>.<name or ->
const encodeVisit = (visit: Visit): string => {
  const name = visit.displayName === null ? '-' : Buffer.from(visit.displayName, 'utf8').toString('base64url');
  return [visit.liveSessionId, visit.role, visit.identity, name].join('.');
};

const decodeVisit = (text: string): Visit | undefined => {
  const [liveSessionId = '', roleText, ...rest] = text.split('.');
  const role = roleSchema.safeParse(roleText);
  const name = rest.pop();
  if (!role.success || !name || rest.length === 0) return undefined;
  const displayName = name === '-' ? null : Buffer.from(name, 'base64url').toString('utf8');
  return { liveSessionId, role: role.data, identity: rest.join('.'), displayName };
};

// Beside the seal, the identity itself must be one that this role can have: fail closed.
const isPlausible = (secret: string, { liveSessionId, role, identity }: Visit): boolean =>
  isAudienceRole(role)
    ? verifyAudienceIdentity(secret, liveSessionId, identity) === role
    : seatIdOf(identity) !== undefined;

const open = (secret: string, body: string): Visit | undefined => {
  const visit = decodeVisit(body);
  return visit && isPlausible(secret, visit) ? visit : undefined;
};

const split = (text: string): { body: string; tag: string } => {
  const dot = text.lastIndexOf('.');
  return { body: text.slice(0, Math.max(dot, 0)), tag: text.slice(dot + 1) };
};

/** `v1.<visit>.<mac>` */
export const sealVisit = (secret: string, visit: Visit): string => {
  const body = `v1.${encodeVisit(visit)}`;
  return `${body}.${mac(secret, 'visit-secret', body)}`;
};

/** The visit inside a visit secret; undefined for anything this server did not seal. */
export const openVisit = (secret: string, visitSecret: string): Visit | undefined => {
  const { body, tag } = split(visitSecret);
  if (!body.startsWith('v1.') || !sameMac(mac(secret, 'visit-secret', body), tag)) return undefined;
  return open(secret, body.slice('v1.'.length));
};

/** Socket tickets of one instance: sealed, 30 seconds, single use. Nonces are remembered only until they expire. */
export const socketTickets = (deps: { secret: string; clock: Clock }) => {
  const spent = new Map<string, number>();

  const forgetExpired = (now: number): void => {
    // Insertion order is close to order of expiry: stop at the first that still counts.
    for (const [nonce, expiresAt] of spent) {
      if (expiresAt > now) return;
      spent.delete(nonce);
    }
  };

  return {
    /** `k1.<expiry, ms since 1970 in base 36>.<nonce>.<visit>.<mac>` */
    issue: (visit: Visit): string => {
      const expiresAt = deps.clock.now().getTime() + socketTicketLifeMs;
      const body = `k1.${expiresAt.toString(36)}.${randomId()}.${encodeVisit(visit)}`;
      return `${body}.${mac(deps.secret, 'socket-ticket', body)}`;
    },
    /** Spends a ticket: its visit the first time, undefined ever after, when expired, or when not ours. */
    spend: (ticket: string): Visit | undefined => {
      const { body, tag } = split(ticket);
      if (!sameMac(mac(deps.secret, 'socket-ticket', body), tag)) return undefined;
      const [version, expiry = '', nonce = '', ...rest] = body.split('.');
      const expiresAt = Number.parseInt(expiry, 36);
      const now = deps.clock.now().getTime();
      forgetExpired(now);
      if (version !== 'k1' || !(expiresAt > now) || spent.has(nonce)) return undefined;
      spent.set(nonce, expiresAt);
      return open(deps.secret, rest.join('.'));
    },
  };
};
export type SocketTickets = ReturnType<typeof socketTickets>;
