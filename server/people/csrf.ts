import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';
import { isManageRoute } from './actor.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The `onRequest` hook that keeps other sites from using a host's cookie: what changes something below /manage must
 * come from our own pages. Browsers say so in Sec-Fetch-Site (Fetch Metadata); those that do not must name our origin.
 */
export const refuseForeignOrigins = (publicUrl: string) => {
  const ours = new URL(publicUrl).origin;
  return async (request: FastifyRequest): Promise<void> => {
    if (!isManageRoute(request) || safeMethods.has(request.method)) return;
    const { 'sec-fetch-site': site, origin } = request.headers;
    const trusted = site === undefined ? origin === ours : site === 'same-origin' || site === 'none';
    if (!trusted) throw new Problem('not-allowed', { detail: 'This request came from another site.' });
  };
};
