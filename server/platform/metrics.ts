/**
 * `GET /metrics`, in the text format of Prometheus, for programs on this machine and for the owner's API token. What is
 * measured is the house's own work. Nothing is about listeners, also not indirectly: prom-client's default metrics
 * (open handles, memory) would follow their number, and are left out.
 */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { Problem } from '../problems.ts';
import type { App } from './http.ts';
import { documentResponses } from './posture.ts';

const isLoopback = (address: string | undefined): boolean =>
  !!address && isIP(address) > 0 && /^(127\.|::1$|::ffff:127\.)/.test(address);

/** What proxies add to what they pass on. */
const PASSED_ON = ['forwarded', 'via', 'x-real-ip', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];

/** A name of this machine: neither the instance's public one nor one that a page of the web has pointed here. */
const isLocalName = (host: string | undefined): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host ?? '');

/** A peer on this machine that speaks for itself, and to this machine. */
const isFromHere = ({ raw, ip, headers }: FastifyRequest): boolean =>
  isLoopback(raw.socket.remoteAddress) &&
  isLoopback(ip) &&
  isLocalName(headers.host) &&
  PASSED_ON.every((name) => headers[name] === undefined);

type Deps = {
  registry: Registry;
  /** Whether this API token is the owner's, and good for recordings. */
  isOwner: (token: string) => Promise<boolean>;
};

export const metricsRoutes =
  ({ registry, isOwner }: Deps) =>
  (app: App): void => {
    const check = async (request: FastifyRequest): Promise<void> => {
      if (isFromHere(request)) return;
      const [scheme, token] = (request.headers.authorization ?? '').split(' ', 2);
      if (scheme?.toLowerCase() !== 'bearer' || !token) throw new Problem('sign-in-required');
      if (!(await isOwner(token))) throw new Problem('not-allowed');
    };
    app.get(
      '/metrics',
      {
        config: { action: 'readMetrics' },
        preHandler: check,
        schema: {
          operationId: 'readMetrics',
          tags: ['host'],
          summary: 'Numbers about captures, disk and renders, as Prometheus reads them',
          description: 'From this machine without a token, from elsewhere with one of the owner.',
          response: documentResponses,
        },
      },
      async (_request, reply) =>
        reply
          .type(registry.contentType)
          .header('cache-control', 'no-store')
          .send(await registry.metrics()),
    );
  };
