/**
 * Who is asking. Every request gets an actor before its body is read: a host by API token or cookie, a visit by its
 * visit secret, or the public. What the actor may do is decided by the roles × actions table; whatever is not listed
 * there is denied.
 */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';
import type { Action, Role } from './actions.schema.ts';
import { ACTIONS, allows } from './actions.schema.ts';
import { scopeAllows } from './scopes.ts';
import type { Scope } from './scopes.ts';

export type VisitRole = Exclude<Role, 'owner' | 'public'>;

/** A host account. The instance's owner is a host as well: in their own room they have a host's powers. */
export type HostActor = {
  kind: 'host';
  role: 'owner' | 'host';
  hostId: string;
  name: string;
  /** What the API token may do; undefined for a signed-in browser, which may do everything. */
  scopes?: readonly Scope[];
};
/** One person's stay in one live session. */
export type VisitActor = {
  kind: 'visit';
  role: VisitRole;
  identity: string;
  liveSessionId: string;
  displayName: string | null;
  seatId?: string;
};
export type PublicActor = { kind: 'public'; role: 'public' };
export type Actor = HostActor | VisitActor | PublicActor;

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor;
  }
  interface FastifyContextConfig {
    /** The row of the roles × actions table that this route is. */
    action?: Action;
  }
}

export const publicActor: PublicActor = { kind: 'public', role: 'public' };

/** How each kind of credential becomes an actor who is about to do `action`; undefined: not valid (any more). */
export type Credentials = {
  bearer: (token: string, action: Action) => Promise<HostActor | undefined>;
  cookie: (header: string, action: Action) => Promise<HostActor | undefined>;
  visit: (secret: string) => Promise<VisitActor | undefined>;
};

const manageMount = '/manage/api/';

/** True below the one mount where cookies are read, and nothing but cookies. */
export const isManageRoute = (request: FastifyRequest): boolean =>
  request.routeOptions.url?.startsWith(manageMount) ?? false;

const resolveActor = async (request: FastifyRequest, action: Action, credentials: Credentials): Promise<Actor> => {
  if (isManageRoute(request)) {
    const { cookie } = request.headers;
    return (cookie && (await credentials.cookie(cookie, action))) || publicActor;
  }
  const [scheme, secret] = (request.headers.authorization ?? '').split(' ', 2);
  if (!scheme || !secret) return publicActor;
  if (scheme.toLowerCase() === 'bearer') {
    const host = await credentials.bearer(secret, action);
    if (!host) throw new Problem('token-invalid');
    return host;
  }
  if (scheme.toLowerCase() === 'visit') {
    const visit = await credentials.visit(secret);
    if (!visit) throw new Problem('visit-over');
    return visit;
  }
  return publicActor;
};

/** Whether the actor may do `action` at all; that the room, seat or hand is theirs is checked where it is done. */
export const mayDo = (actor: Actor, action: Action): boolean => {
  if (actor.kind !== 'host') return allows(actor.role, action);
  const permitted = allows(actor.role, action) || allows('host', action);
  return permitted && (!actor.scopes || scopeAllows(actor.scopes, action));
};

const refusal = (actor: Actor, action: Action): Problem => {
  if (actor.kind !== 'public') return new Problem('not-allowed');
  return new Problem(ACTIONS[action].some((role) => role === 'host') ? 'sign-in-required' : 'visit-over');
};

/**
 * The `onRequest` hook of every route: settles `request.actor` and denies unless the route's action allows its role.
 * Routes open to everybody look at no credentials, so that a stale one cannot lock anybody out of them.
 */
export const authorise =
  (credentials: Credentials) =>
  async (request: FastifyRequest): Promise<void> => {
    request.actor = publicActor;
    if (request.is404) return;
    const { action } = request.routeOptions.config;
    if (!action) throw new Problem('not-allowed');
    if (allows('public', action) && !isManageRoute(request)) return;
    request.actor = await resolveActor(request, action, credentials);
    if (!mayDo(request.actor, action)) throw refusal(request.actor, action);
  };

/** The host behind a request whose route only hosts may use. */
export const hostOf = (request: FastifyRequest): HostActor => {
  if (request.actor.kind !== 'host') throw new Problem('sign-in-required');
  return request.actor;
};

/** The visit behind a request whose route only people inside a live room may use. */
export const visitOf = (request: FastifyRequest): VisitActor => {
  if (request.actor.kind !== 'visit') throw new Problem('visit-over');
  return request.actor;
};
