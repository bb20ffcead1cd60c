import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { idempotencyHeaders } from '../platform/idempotency.ts';
import { problemResponses } from '../platform/posture.ts';
import type { LiveSessionService } from './live-session.service.ts';
import { liveSessionSchema } from './room.schema.ts';
import { slugParams } from './room.routes.ts';

/** Starting and ending the airings of a host's own room. */
export const liveSessionRoutes =
  (liveSessions: LiveSessionService) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/live-session',
      {
        config: { action: 'startLiveSession' },
        schema: {
          operationId: 'startLiveSession',
          tags: ['host'],
          summary: 'Open the room: it is live from now on',
          params: slugParams,
          headers: idempotencyHeaders,
          response: { 201: liveSessionSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key'];
        return reply.code(201).send(await liveSessions.start(hostOf(request), request.params.slug, key));
      },
    );
    app.post(
      '/rooms/:slug/live-session/end',
      {
        config: { action: 'endLiveSession' },
        schema: {
          operationId: 'endLiveSession',
          tags: ['host'],
          summary: 'End the live session and everything inside it',
          params: slugParams,
          response: { 200: liveSessionSchema, ...problemResponses },
        },
      },
      (request) => liveSessions.endByHost(hostOf(request), request.params.slug),
    );
  };
