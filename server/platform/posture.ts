/**
 * Every route says what it is in the roles × actions table and has a schema for whatever it may answer: a status
 * without a schema would be sent unstripped, and an action without a row would be open to nobody or to everybody.
 * A route that does not say so stops the boot.
 */
import type { FastifyInstance, RouteOptions } from 'fastify';
import { z } from 'zod';
import { problemSchema } from './problem.schema.ts';

/** The answers of every route beside its own: `response: { 200: x, ...problemResponses }`. */
export const problemResponses = { '4xx': problemSchema, '5xx': problemSchema } as const;

/** The answer of a route that has nothing to say (204). */
export const noContent = z.undefined().describe('Done.');

/** For pages, feeds and files: bodies that are no JSON and pass no serializer. */
export const documentResponses = { '2xx': z.any(), '3xx': z.any(), ...problemResponses } as const;

export type ListedRoute = { method: string; url: string; action: string };

const faultOf = (route: RouteOptions): string | undefined => {
  if (!route.config?.action) return 'names no action';
  if (route.websocket) return undefined;
  const statuses = Object.keys((route.schema?.response ?? {}) as object).map((status) => status.toLowerCase());
  const missing = ['2', '4', '5'].filter((digit) => !statuses.some((status) => status.startsWith(digit)));
  if (missing.length > 0) return `has no response schema for ${missing.map((digit) => `${digit}xx`).join(', ')}`;
  const { hide, operationId, tags, summary } = route.schema ?? {};
  if (!hide && (!operationId || !tags?.length || !summary)) return 'lacks operationId, tags or summary';
  return undefined;
};

/** Refuses routes without posture as they are registered, and lists the others. Call before any route. */
export const installPosture = (app: FastifyInstance): ListedRoute[] => {
  const routes: ListedRoute[] = [];
  app.addHook('onRoute', (route) => {
    const fault = faultOf(route);
    const methods = [route.method].flat();
    if (fault) throw new Error(`The route ${methods.join(',')} ${route.url} ${fault}.`);
    for (const method of methods) routes.push({ method, url: route.url, action: String(route.config?.action) });
  });
  return routes;
};
