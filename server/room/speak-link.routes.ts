import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { noContent, problemResponses } from '../platform/posture.ts';
import { createSpeakLinkBodySchema, speakLinkSchema } from './room.schema.ts';
import { slugParams } from './room.routes.ts';
import type { SpeakLinkService } from './speak-link.service.ts';

/** A host's links to the stage. Redeeming one is the stage's business. */
export const speakLinkRoutes =
  (speakLinks: SpeakLinkService) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/speak-links',
      {
        config: { action: 'manageSpeakLinks' },
        schema: {
          operationId: 'createSpeakLink',
          tags: ['host'],
          summary: 'Make a personal link to the stage; its address is in this answer only',
          params: slugParams,
          body: createSpeakLinkBodySchema,
          response: { 201: speakLinkSchema, ...problemResponses },
        },
      },
      async (request, reply) =>
        reply.code(201).send(await speakLinks.create(hostOf(request), request.params.slug, request.body.label)),
    );
    app.get(
      '/rooms/:slug/speak-links',
      {
        config: { action: 'manageSpeakLinks' },
        schema: {
          operationId: 'listSpeakLinks',
          tags: ['host'],
          summary: 'The links to the stage and whether they were used',
          params: slugParams,
          response: { 200: z.object({ speakLinks: z.array(speakLinkSchema) }), ...problemResponses },
        },
      },
      async (request) => ({ speakLinks: await speakLinks.list(hostOf(request), request.params.slug) }),
    );
    app.delete(
      '/rooms/:slug/speak-links/:linkId',
      {
        config: { action: 'manageSpeakLinks' },
        schema: {
          operationId: 'revokeSpeakLink',
          tags: ['host'],
          summary: 'Make a link to the stage worthless',
          params: slugParams.extend({ linkId: z.uuid() }),
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        await speakLinks.revoke(hostOf(request), request.params.slug, request.params.linkId);
        return reply.code(204).send();
      },
    );
  };
