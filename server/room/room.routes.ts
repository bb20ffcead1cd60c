import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { problemResponses } from '../platform/posture.ts';
import { createRoomBodySchema, roomCardSchema, roomSchema, updateRoomBodySchema } from './room.schema.ts';
import type { RoomService } from './room.service.ts';

/** The address of a room in a path. */
export const slugParams = z.object({ slug: z.string().min(1).max(64) });

/** What anybody may know of rooms. */
export const roomCardRoutes =
  (rooms: RoomService) =>
  (app: App): void => {
    app.get(
      '/rooms',
      {
        config: { action: 'readRoomCard' },
        schema: {
          operationId: 'listRooms',
          tags: ['public'],
          summary: 'Listed rooms, live ones first',
          response: { 200: z.object({ rooms: z.array(roomCardSchema) }), ...problemResponses },
        },
      },
      async () => ({ rooms: await rooms.cards() }),
    );
    app.get(
      '/rooms/:slug',
      {
        config: { action: 'readRoomCard' },
        schema: {
          operationId: 'getRoom',
          tags: ['public'],
          summary: 'The public card of a room',
          params: slugParams,
          response: { 200: roomCardSchema, ...problemResponses },
        },
      },
      (request) => rooms.card(request.params.slug),
    );
  };

/** A host's own rooms. */
export const hostRoomRoutes =
  (rooms: RoomService) =>
  (app: App): void => {
    app.get(
      '/host/rooms',
      {
        config: { action: 'readHost' },
        schema: {
          operationId: 'listHostRooms',
          tags: ['host'],
          summary: 'The rooms of the host who is asking',
          response: { 200: z.object({ rooms: z.array(roomSchema) }), ...problemResponses },
        },
      },
      async (request) => ({ rooms: await rooms.listOf(hostOf(request)) }),
    );
    app.post(
      '/rooms',
      {
        config: { action: 'createRoom' },
        schema: {
          operationId: 'createRoom',
          tags: ['host'],
          summary: 'Make a room',
          body: createRoomBodySchema,
          response: { 201: roomSchema, ...problemResponses },
        },
      },
      async (request, reply) => reply.code(201).send(await rooms.create(hostOf(request), request.body)),
    );
    app.patch(
      '/rooms/:slug',
      {
        config: { action: 'updateRoom' },
        schema: {
          operationId: 'updateRoom',
          tags: ['host'],
          summary: 'Change title, topic or policy; a new policy holds for new tickets',
          params: slugParams,
          body: updateRoomBodySchema,
          response: { 200: roomSchema, ...problemResponses },
        },
      },
      (request) => rooms.update(hostOf(request), request.params.slug, request.body),
    );
  };
