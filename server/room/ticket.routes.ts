import type { App } from '../platform/http.ts';
import { problemResponses } from '../platform/posture.ts';
import { slugParams } from './room.routes.ts';
import type { TicketLimits } from './ticket-limits.ts';
import { issueTicketBodySchema, ticketSchema } from './ticket.schema.ts';
import type { TicketService } from './ticket.service.ts';

/** The way in for listeners: no cookie is read, no row is written, no line is logged. */
export const ticketRoutes =
  (tickets: TicketService, limits: TicketLimits) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/tickets',
      {
        config: { action: 'issueTicket' },
        schema: {
          operationId: 'issueTicket',
          tags: ['public'],
          summary: 'Enter a live room as a listener',
          params: slugParams,
          body: issueTicketBodySchema,
          response: { 201: ticketSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        limits(request.ip);
        void reply.header('cache-control', 'no-store');
        return reply.code(201).send(await tickets.issueAudience(request.params.slug, request.body.name));
      },
    );
  };
