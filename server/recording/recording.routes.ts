/** What hosts do with recordings. All routes are the host's; a room or recording of somebody else is not found. */
import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { idempotencyHeaders } from '../platform/idempotency.ts';
import { problemResponses } from '../platform/posture.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import { masterRoutes } from './masters.routes.ts';
import type { RecordingReader } from './recording.reader.ts';
import { recordingSchema } from './recording.schema.ts';
import type { RecordingService } from './recording.service.ts';
import type { RenderService } from './render.service.ts';

type Services = {
  recordings: RecordingService;
  reader: RecordingReader;
  render: RenderService;
  registry: LiveRegistry;
};

const slugParams = z.object({ slug: z.string() });
const recordingParams = z.object({ recordingId: z.string() });

const liveRoomOf = (registry: LiveRegistry, slug: string, hostId: string): LiveEntry => {
  const entry = registry.bySlug(slug);
  if (!entry || entry.hostId !== hostId) throw new Problem('room-not-live');
  return entry;
};

const takeRoutes = (app: App, { recordings, reader, registry }: Services): void => {
  app.post(
    '/rooms/:slug/recording/start',
    {
      config: { action: 'startRecording' },
      schema: {
        operationId: 'startRecording',
        tags: ['host'],
        summary: 'Start a take; answers when the first sample is captured',
        params: slugParams,
        headers: idempotencyHeaders,
        response: { 201: recordingSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { hostId } = hostOf(request);
      const entry = liveRoomOf(registry, request.params.slug, hostId);
      const recordingId = await recordings.start(entry, request.headers['idempotency-key']);
      return reply.code(201).send(await reader.read(recordingId, hostId));
    },
  );
  app.post(
    '/rooms/:slug/recording/stop',
    {
      config: { action: 'stopRecording' },
      schema: {
        operationId: 'stopRecording',
        tags: ['host'],
        summary: 'Stop the running take and queue a master of all takes so far',
        params: slugParams,
        response: { 200: recordingSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { hostId } = hostOf(request);
      const { liveSessionId } = liveRoomOf(registry, request.params.slug, hostId);
      return reader.read(await recordings.stop(liveSessionId), hostId);
    },
  );
};

const readRoutes = (app: App, { reader }: Services): void => {
  app.get(
    '/recordings',
    {
      config: { action: 'readRecording' },
      schema: {
        operationId: 'listRecordings',
        tags: ['host'],
        summary: 'The recordings of one’s own rooms, newest first',
        response: { 200: z.object({ recordings: z.array(recordingSchema) }), ...problemResponses },
      },
    },
    async (request) => ({ recordings: await reader.list(hostOf(request).hostId) }),
  );
  app.get(
    '/recordings/:recordingId',
    {
      config: { action: 'readRecording' },
      schema: {
        operationId: 'getRecording',
        tags: ['host'],
        summary: 'One recording with its takes, gaps, tracks and the progress of its newest master',
        params: recordingParams,
        response: { 200: recordingSchema, ...problemResponses },
      },
    },
    async (request) => reader.read(request.params.recordingId, hostOf(request).hostId),
  );
};

export const recordingRoutes =
  (services: Services) =>
  (app: App): void => {
    takeRoutes(app, services);
    readRoutes(app, services);
    masterRoutes(services)(app);
  };
