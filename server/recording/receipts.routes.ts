/** Receipts over HTTP: open to whoever has the secret, as often as tickets are, and kept by no cache. */
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { App } from '../platform/http.ts';
import { documentResponses, problemResponses } from '../platform/posture.ts';
import { sendMedia, streamsPerAddress } from '../platform/send-media.ts';
import type { TicketLimits } from '../room/ticket-limits.ts';
import { receiptBodySchema, receiptSchema, receiptTracksSchema, withdrawBodySchema } from './receipt.schema.ts';
import type { ReceiptsService } from './receipts.service.ts';

type Deps = { config: Pick<Config, 'streamsPerAddress'>; receipts: ReceiptsService; limits: TicketLimits };

const answers = (app: App, { receipts, limits }: Deps): void => {
  app.post(
    '/receipts/read',
    {
      config: { action: 'readReceipt' },
      schema: {
        operationId: 'readReceipt',
        tags: ['public'],
        summary: 'What was answered, and what is kept of the voice',
        body: receiptBodySchema,
        response: { 200: receiptSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      limits(request.ip);
      return reply.header('cache-control', 'no-store').send(await receipts.read(request.body.secret));
    },
  );
  app.post(
    '/receipts/withdraw',
    {
      config: { action: 'withdrawConsent' },
      schema: {
        operationId: 'withdrawConsent',
        tags: ['public'],
        summary: 'Take the voice out of everything made of the recording, or delete it altogether',
        body: withdrawBodySchema,
        response: { 200: receiptSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      limits(request.ip);
      return reply.header('cache-control', 'no-store').send(await receipts.withdraw(request.body));
    },
  );
};

const ownTracks = (app: App, { config, receipts, limits }: Deps): void => {
  const holdStream = streamsPerAddress(config.streamsPerAddress);
  app.post(
    '/receipts/tracks',
    {
      config: { action: 'readReceipt' },
      schema: {
        operationId: 'listOwnTracks',
        tags: ['public'],
        summary: 'Addresses of the own voice, each good for one minute',
        body: receiptBodySchema,
        response: { 200: receiptTracksSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      limits(request.ip);
      return reply.header('cache-control', 'no-store').send(await receipts.tracks(request.body.secret));
    },
  );
  app.route({
    // HEAD is a method of the route itself: the one that Fastify adds would answer with a length of 0.
    method: ['GET', 'HEAD'],
    // A star and not a name: the router takes no more than 100 characters for a named part.
    url: '/receipts/tracks/*',
    config: { action: 'readReceipt' },
    schema: { hide: true, params: z.object({ '*': z.string().max(400) }), response: documentResponses },
    handler: async (request, reply) => {
      limits(request.ip);
      holdStream(request, reply);
      const ticket = request.params['*'];
      const { path, name } = receipts.openTrack(ticket);
      const etag = ticket.slice(-22);
      const file = { path, etag, mediaType: 'audio/flac', downloadName: name, attachment: true };
      return sendMedia(request, reply, { ...file, cacheControl: 'no-store', anyOrigin: false });
    },
  });
};

export const receiptRoutes =
  (deps: Deps) =>
  (app: App): void => {
    answers(app, deps);
    ownTracks(app, deps);
  };
