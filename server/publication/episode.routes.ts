/** Episodes over the API: what anybody may read, and what the host of their room does with them. */
import { z } from 'zod';
import type { Config } from '../config.ts';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { idempotencyHeaders } from '../platform/idempotency.ts';
import { problemResponses } from '../platform/posture.ts';
import { episodeSchema, publishEpisodeBodySchema, updateEpisodeBodySchema } from './episode.schema.ts';
import type { EpisodeService } from './episode.service.ts';
import { episodeView } from './episode.view.ts';

type Services = { config: Config; episodes: EpisodeService };

const slugParams = z.object({ slug: z.string() });

export const publicEpisodeRoutes =
  ({ config, episodes }: Services) =>
  (app: App): void => {
    app.get(
      '/episodes',
      {
        config: { action: 'readEpisode' },
        schema: {
          operationId: 'listEpisodes',
          tags: ['public'],
          summary: 'Published episodes, newest first',
          response: { 200: z.object({ episodes: z.array(episodeSchema) }), ...problemResponses },
        },
      },
      async () => ({ episodes: (await episodes.list()).map((episode) => episodeView(episode, config)) }),
    );
    app.get(
      '/episodes/:slug',
      {
        config: { action: 'readEpisode' },
        schema: {
          operationId: 'getEpisode',
          tags: ['public'],
          summary: 'One published episode; 410 when it was taken down',
          params: slugParams,
          response: { 200: episodeSchema, ...problemResponses },
        },
      },
      async (request) => episodeView(await episodes.read(request.params.slug), config),
    );
  };

const publishRoute = (app: App, { config, episodes }: Services): void => {
  app.post(
    '/recordings/:recordingId/episodes',
    {
      config: { action: 'publishEpisode' },
      schema: {
        operationId: 'publishEpisode',
        tags: ['host'],
        summary: 'Publish a master of a recording as an episode: the newest, or the one named',
        params: z.object({ recordingId: z.string() }),
        headers: idempotencyHeaders,
        body: publishEpisodeBodySchema,
        response: { 201: episodeSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { params, body, headers } = request;
      const { hostId } = hostOf(request);
      const episode = await episodes.publish(params.recordingId, hostId, body, headers['idempotency-key']);
      return reply.code(201).send(episodeView(episode, config));
    },
  );
};

export const hostEpisodeRoutes =
  (services: Services) =>
  (app: App): void => {
    const { config, episodes } = services;
    publishRoute(app, services);
    app.patch(
      '/episodes/:slug',
      {
        config: { action: 'publishEpisode' },
        schema: {
          operationId: 'updateEpisode',
          tags: ['host'],
          summary: 'Change the words of an episode; its address and GUID stay',
          params: slugParams,
          body: updateEpisodeBodySchema,
          response: { 200: episodeSchema, ...problemResponses },
        },
      },
      async (request) =>
        episodeView(await episodes.update(request.params.slug, hostOf(request).hostId, request.body), config),
    );
    app.post(
      '/episodes/:slug/unpublish',
      {
        config: { action: 'publishEpisode' },
        schema: {
          operationId: 'unpublishEpisode',
          tags: ['host'],
          summary: 'Take an episode down: it leaves the feeds and its addresses answer 410',
          params: slugParams,
          response: { 200: episodeSchema, ...problemResponses },
        },
      },
      async (request) => episodeView(await episodes.unpublish(request.params.slug, hostOf(request).hostId), config),
    );
  };
