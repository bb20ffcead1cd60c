/** Pages and feeds: what the world reads of episodes. */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { App } from '../platform/http.ts';
import { documentResponses } from '../platform/posture.ts';
import { isKnown } from '../platform/send-media.ts';
import type { WebApp } from '../platform/static.ts';
import { sendDocument } from '../platform/static.ts';
import { Problem } from '../problems.ts';
import { episodeDocument } from './episode.page.ts';
import type { EpisodeService } from './episode.service.ts';
import { episodeView } from './episode.view.ts';
import type { FeedService } from './feed.service.ts';

const slugParams = z.object({ slug: z.string() });
const posture = { config: { action: 'readEpisode' as const } };

const sendFeed = (request: FastifyRequest, reply: FastifyReply, xml: string): FastifyReply => {
  const etag = `"${createHash('sha256').update(xml).digest('hex')}"`;
  reply.headers({
    etag,
    'cache-control': 'public, max-age=300',
    'content-type': 'application/rss+xml; charset=utf-8',
    'access-control-allow-origin': '*',
  });
  if (isKnown(request, etag)) return reply.code(304).send();
  return reply.send(xml);
};

export const pageRoutes =
  ({ config, episodes, feeds, web }: { config: Config; episodes: EpisodeService; feeds: FeedService; web: WebApp }) =>
  (app: App): void => {
    app.get(
      '/e/:slug',
      { ...posture, schema: { hide: true, params: slugParams, response: documentResponses } },
      async (request, reply) => {
        try {
          const episode = episodeView(await episodes.read(request.params.slug), config);
          return sendDocument(web, reply, episodeDocument(episode, config));
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          return sendDocument(web, reply, {}, error.code === 'episode-gone' ? 410 : 404);
        }
      },
    );
    app.get('/feed.xml', { ...posture, schema: { hide: true, response: documentResponses } }, async (request, reply) =>
      sendFeed(request, reply, await feeds.ofInstance()),
    );
    app.get(
      '/r/:slug/feed.xml',
      { ...posture, schema: { hide: true, params: slugParams, response: documentResponses } },
      async (request, reply) => sendFeed(request, reply, await feeds.ofRoom(request.params.slug)),
    );
  };
