/**
 * The web server before it has any route: headers, limits, problems, sockets and the checks that every route must
 * pass. It writes no line per request: for tickets, sockets and the gateway the duration of a line would be a visit.
 */
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { ZodTypeProvider } from '@fastify/type-provider-zod';
import { serializerCompiler, validatorCompiler } from '@fastify/type-provider-zod';
import underPressure from '@fastify/under-pressure';
import websocket from '@fastify/websocket';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import { fastify, LogController } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import type { Config } from '../config.ts';
import { Problem } from '../problems.ts';
import { addressKey } from './address.ts';
import { randomId } from './ids.ts';
import type { Log } from './log.ts';
import type { ListedRoute } from './posture.ts';
import { installPosture } from './posture.ts';
import { installProblems, sendProblem, toProblem } from './problem-http.ts';

/** The server with zod schemas on its routes. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** A group of routes; the mount (prefix) is chosen by who registers it. */
export type Routes = (app: App) => void | Promise<void>;

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route with its action, in order of registration. */
    listedRoutes: readonly ListedRoute[];
  }
}

const bodyLimitBytes = 64 * 1024;
// Fastify's default is no limit at all: a request could be sent byte by byte for ever, and thousands of them.
const requestTimeoutMs = 30_000;

// Everything from here only.
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'connect-src': ["'self'"],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'media-src': ["'self'"],
    'manifest-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  },
};

const installHeaders = async (app: FastifyInstance, config: Config): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: config.publicUrl.startsWith('https:'),
  });
  app.addHook('onRequest', async (request, reply) => {
    // On every page of the app, even where no microphone is used: a `()` on the first document would still hold
    // after client-side navigation to the stage.
    void reply.header('permissions-policy', 'microphone=(self), camera=(), geolocation=(), browsing-topics=()');
    // Outside /manage nobody reads cookies, so that none can ever link two visits.
    if (!request.raw.url?.startsWith('/manage/')) delete request.raw.headers.cookie;
    // What a signed-in host sees stays in no cache, the browser's own included.
    if (request.raw.url?.startsWith('/manage/api/')) void reply.header('cache-control', 'no-store');
  });
};

const installLimits = async (app: FastifyInstance): Promise<void> => {
  await app.register(underPressure, { maxEventLoopDelay: 1000, retryAfter: 5 });
  await app.register(rateLimit, {
    global: false,
    keyGenerator: (request) => addressKey(request.ip),
    errorResponseBuilder: () => new Problem('too-many-requests'),
  });
};

/** True when a text anywhere in `values` holds U+0000. Not recursive: a body may be nested as deep as it is long. */
const holdNul = (...values: unknown[]): boolean => {
  for (const value of values) {
    if (typeof value === 'string' && value.includes('\0')) return true;
    if (typeof value === 'object' && value !== null) values.push(...Object.values(value));
  }
  return false;
};

// Postgres has no U+0000 in its texts: what comes with one is the sender's fault and not ours.
const refuseNul = async ({ params, query, body }: FastifyRequest): Promise<void> => {
  if (holdNul(params, query, body)) throw new Problem('invalid-request', { detail: 'Texts cannot hold U+0000.' });
};

// What a client or its network breaks on an open socket carries a code (WS_ERR_…, ECONNRESET …) and is no line of ours:
// its time would be the end of a visit, and anybody could write as many as they like.
const endBrokenSocket =
  (log: Log) =>
  (error: Error, socket: WebSocket): void => {
    if (!('code' in error)) log.error({ err: error }, 'a socket handler failed');
    socket.terminate();
  };

/** Builds the bare server. Routes, `authorise` and the web app are added by the composition in app.ts. */
export const createHttp = async (config: Config, log: Log): Promise<App> => {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs },
    trustProxy: (_address, hop) => hop < config.trustProxy,
    genReqId: randomId,
    requestIdHeader: false,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => void sendProblem(toProblem(error), request, reply as FastifyReply),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // JSON only: a form or a text/plain body can be sent across sites without asking.
  app.removeContentTypeParser('text/plain');
  app.addHook('preValidation', refuseNul);
  installProblems(app);
  app.decorate('listedRoutes', installPosture(app));
  await installLimits(app);
  await installHeaders(app, config);
  // The one upgrade listener of the process. Registered at the root: in a child scope a refused upgrade elsewhere
  // would make close() hang, and a second listener would fight over every socket.
  await app.register(websocket, {
    errorHandler: endBrokenSocket(log),
    options: {
      maxPayload: bodyLimitBytes,
      perMessageDeflate: false,
      handleProtocols: (protocols: Set<string>) => (protocols.has('loggia.v1') ? 'loggia.v1' : false),
    },
  });
  return app.withTypeProvider<ZodTypeProvider>();
};
