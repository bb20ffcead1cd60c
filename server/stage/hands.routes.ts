/** Hands over HTTP: the listener's own acts, and the moderators' answers. */
import { z } from 'zod';
import { visitOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { noContent, problemResponses } from '../platform/posture.ts';
import { slugParams } from '../room/room.routes.ts';
import type { RoomService } from '../room/room.service.ts';
import { ticketSchema } from '../room/ticket.schema.ts';
import type { HandService } from './hand.service.ts';
import { moderatorOf } from './stage-actor.ts';
import { acceptInviteBodySchema, handSchema } from './stage.schema.ts';

type Deps = { rooms: Pick<RoomService, 'liveSessionFor'>; hands: HandService };

const handParams = slugParams.extend({ handId: z.string().max(64) });

/** What a listener does with their own hand. */
export const handRoutes =
  ({ rooms, hands }: Deps) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/hands',
      {
        config: { action: 'raiseHand' },
        schema: {
          operationId: 'raiseHand',
          tags: ['inside'],
          summary: 'Ask for the stage, under an alias if you listen anonymously',
          params: slugParams,
          response: { 201: handSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        const visit = visitOf(request);
        rooms.liveSessionFor(visit, request.params.slug);
        return reply.code(201).send(await hands.raise(visit));
      },
    );

    app.delete(
      '/rooms/:slug/hands/:handId',
      {
        config: { action: 'lowerHand' },
        schema: {
          operationId: 'lowerHand',
          tags: ['inside'],
          summary: 'Take your hand down',
          params: handParams,
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        const visit = visitOf(request);
        rooms.liveSessionFor(visit, request.params.slug);
        await hands.lower(visit, request.params.handId);
        return reply.code(204).send();
      },
    );
  };

/** What an invited listener answers. */
export const inviteRoutes =
  ({ rooms, hands }: Deps) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/hands/:handId/accept',
      {
        config: { action: 'answerInvite' },
        schema: {
          operationId: 'acceptInvite',
          tags: ['inside'],
          summary: 'Come to the stage: a new identity, a seat and its ticket',
          params: handParams,
          body: acceptInviteBodySchema,
          response: { 201: ticketSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        const visit = visitOf(request);
        const entry = rooms.liveSessionFor(visit, request.params.slug);
        return reply.code(201).send(await hands.accept(entry, visit, request.params.handId, request.body));
      },
    );

    app.post(
      '/rooms/:slug/hands/:handId/decline',
      {
        config: { action: 'answerInvite' },
        schema: {
          operationId: 'declineInvite',
          tags: ['inside'],
          summary: 'Stay in the audience',
          params: handParams,
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        const visit = visitOf(request);
        rooms.liveSessionFor(visit, request.params.slug);
        await hands.decline(visit, request.params.handId);
        return reply.code(204).send();
      },
    );
  };

/** What moderators do with a hand. */
export const handHostRoutes =
  ({ rooms, hands }: Deps) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/hands/:handId/invite',
      {
        config: { action: 'inviteToStage' },
        schema: {
          operationId: 'inviteToStage',
          tags: ['inside'],
          summary: 'Invite a raised hand to the stage; the person decides',
          params: handParams,
          response: { 200: handSchema, ...problemResponses },
        },
      },
      async (request) => {
        const { slug, handId } = request.params;
        const { moderator, entry } = moderatorOf(rooms, request.actor, slug);
        return hands.invite(entry.liveSessionId, handId, moderator.by);
      },
    );

    app.post(
      '/rooms/:slug/hands/:handId/dismiss',
      {
        config: { action: 'dismissHand' },
        schema: {
          operationId: 'dismissHand',
          tags: ['inside'],
          summary: 'Take a raised hand off the list',
          params: handParams,
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { slug, handId } = request.params;
        const { moderator, entry } = moderatorOf(rooms, request.actor, slug);
        await hands.dismiss(entry.liveSessionId, handId, moderator.by);
        return reply.code(204).send();
      },
    );
  };
