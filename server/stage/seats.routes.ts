/** Seats over HTTP: coming to the stage, the two questions, going, and what moderators do. */
import { z } from 'zod';
import { hostOf, visitOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { noContent, problemResponses } from '../platform/posture.ts';
import { Problem } from '../problems.ts';
import { isAudienceRole } from '../room/identity.ts';
import type { LiveRegistry } from '../room/live-registry.ts';
import type { RoomService } from '../room/room.service.ts';
import { slugParams } from '../room/room.routes.ts';
import { consentAnswerSchema, redeemSpeakLinkBodySchema, ticketSchema } from '../room/ticket.schema.ts';
import type { TicketLimits } from '../room/ticket-limits.ts';
import type { TicketService } from '../room/ticket.service.ts';
import type { ConsentService } from './consent.service.ts';
import type { ModerationService } from './moderation.service.ts';
import { moderatorOf, ownSeat } from './stage-actor.ts';
import type { SeatService } from './seat.service.ts';
import type { StageBook } from './stage-book.ts';
import { answerConsentBodySchema, answeredSchema } from './stage.schema.ts';

export type SeatRouteDeps = {
  rooms: Pick<RoomService, 'liveSessionFor'>;
  registry: LiveRegistry;
  book: StageBook;
  tickets: TicketService;
  limits: TicketLimits;
  seats: SeatService;
  consents: ConsentService;
  moderation: ModerationService;
};

const seatParams = slugParams.extend({ seatId: z.string().max(64) });
const ticketResponse = { 201: ticketSchema, ...problemResponses };

/** Coming by link: open to everybody, as often as tickets are. */
export const linkRoutes =
  ({ registry, seats, limits }: SeatRouteDeps) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/speak-links/redeem',
      {
        config: { action: 'redeemSpeakLink' },
        schema: {
          operationId: 'redeemSpeakLink',
          tags: ['public'],
          summary: 'Spend a speak link for a seat on the stage',
          params: slugParams,
          body: redeemSpeakLinkBodySchema,
          response: ticketResponse,
        },
      },
      async (request, reply) => {
        limits(request.ip);
        const entry = registry.bySlug(request.params.slug);
        if (!entry) throw new Problem('room-not-live');
        return reply.code(201).send(await seats.redeemLink(entry, request.body));
      },
    );
  };

/** What whoever has a visit may do with it, and with their own seat. */
export const seatRoutes =
  ({ rooms, book, tickets, seats, consents }: SeatRouteDeps) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/tickets/renew',
      {
        config: { action: 'renewTicket' },
        schema: {
          operationId: 'renewTicket',
          tags: ['inside'],
          summary: 'The next ticket of the same visit: same identity, fresh media token and socket ticket',
          params: slugParams,
          response: { 200: ticketSchema, ...problemResponses },
        },
      },
      async (request) => {
        const visit = visitOf(request);
        rooms.liveSessionFor(visit, request.params.slug);
        return isAudienceRole(visit.role) ? tickets.renewAudience(visit) : seats.renew(ownSeat(book, visit));
      },
    );

    app.post(
      '/rooms/:slug/step-down',
      {
        config: { action: 'stepDown' },
        schema: {
          operationId: 'stepDown',
          tags: ['inside'],
          summary: 'Leave the stage and listen on, under a fresh identity',
          params: slugParams,
          response: ticketResponse,
        },
      },
      async (request, reply) => {
        const visit = visitOf(request);
        const entry = rooms.liveSessionFor(visit, request.params.slug);
        return reply.code(201).send(await seats.stepDown(entry, ownSeat(book, visit)));
      },
    );

    app.post(
      '/rooms/:slug/consent',
      {
        config: { action: 'answerConsent' },
        schema: {
          operationId: 'answerConsent',
          tags: ['inside'],
          summary: 'Answer whether your voice may be recorded and published',
          params: slugParams,
          body: answerConsentBodySchema,
          response: { 200: answeredSchema, ...problemResponses },
        },
      },
      async (request) => {
        const visit = visitOf(request);
        rooms.liveSessionFor(visit, request.params.slug);
        return consents.answer(ownSeat(book, visit), request.body);
      },
    );
  };

/** The host's own seat, and moderation, which a moderator's visit may do as well. */
export const seatHostRoutes =
  ({ rooms, seats, moderation }: SeatRouteDeps) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/host-ticket',
      {
        config: { action: 'issueHostTicket' },
        schema: {
          operationId: 'issueHostTicket',
          tags: ['host'],
          summary: "The host's seat; asked for again, the newest connection takes it over",
          params: slugParams,
          body: z.object({ consent: consentAnswerSchema.optional() }),
          response: ticketResponse,
        },
      },
      async (request, reply) => {
        const entry = rooms.liveSessionFor(hostOf(request), request.params.slug);
        return reply.code(201).send(await seats.hostTicket(entry, request.body.consent));
      },
    );

    app.post(
      '/rooms/:slug/seats/:seatId/mute',
      {
        config: { action: 'muteSeat' },
        schema: {
          operationId: 'muteSeat',
          tags: ['inside'],
          summary: 'Close the microphone of a seat; the person may open it again',
          params: seatParams,
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { slug, seatId } = request.params;
        const { moderator, entry } = moderatorOf(rooms, request.actor, slug);
        await moderation.mute(moderator, entry.liveSessionId, seatId);
        return reply.code(204).send();
      },
    );

    app.post(
      '/rooms/:slug/seats/:seatId/remove',
      {
        config: { action: 'removeSeat' },
        schema: {
          operationId: 'removeSeat',
          tags: ['inside'],
          summary: 'Take a seat away for the rest of the live session',
          params: seatParams,
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { slug, seatId } = request.params;
        const { moderator, entry } = moderatorOf(rooms, request.actor, slug);
        await moderation.remove(moderator, entry.liveSessionId, seatId);
        return reply.code(204).send();
      },
    );
  };
