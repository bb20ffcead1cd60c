import { escapeHtml } from '../platform/html.ts';
import type { App } from '../platform/http.ts';
import { documentResponses } from '../platform/posture.ts';
import type { DocumentParts, WebApp } from '../platform/static.ts';
import { sendDocument } from '../platform/static.ts';
import { Problem } from '../problems.ts';
import type { RoomCard } from './room.schema.ts';
import { slugParams } from './room.routes.ts';
import type { RoomService } from './room.service.ts';

/** What a link preview and a browser without JavaScript get to see of a room. */
export const doorDocument = (card: RoomCard, publicUrl: string): DocumentParts => {
  const title = escapeHtml(card.title);
  const description = escapeHtml(card.topic || `A room of ${card.hostName}`);
  const url = escapeHtml(`${publicUrl}/r/${card.slug}`);
  return {
    head: [
      `<title>${title}</title>`,
      `<meta name="description" content="${description}" />`,
      `<meta property="og:type" content="website" />`,
      `<meta property="og:title" content="${title}" />`,
      `<meta property="og:description" content="${description}" />`,
      `<meta property="og:url" content="${url}" />`,
      ...(card.policy.listed ? [] : [`<meta name="robots" content="noindex" />`]),
    ].join('\n    '),
    body: `<main><h1>${title}</h1><p>${description}</p></main>`,
  };
};

/** The page behind a room's address: the app's document with the room's card in its head. */
export const doorRoutes =
  (rooms: Pick<RoomService, 'card'>, web: WebApp, publicUrl: string) =>
  (app: App): void => {
    app.get(
      '/r/:slug',
      {
        config: { action: 'readRoomCard' },
        schema: { hide: true, params: slugParams, response: documentResponses },
      },
      async (request, reply) => {
        try {
          return sendDocument(web, reply, doorDocument(await rooms.card(request.params.slug), publicUrl));
        } catch (error) {
          if (error instanceof Problem && error.code === 'not-found') return sendDocument(web, reply, {}, 404);
          throw error;
        }
      },
    );
  };
