/** What hosts do with recordings. All routes are the host's; a room or recording of somebody else is not found. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { idempotencyHeaders } from '../platform/idempotency.ts';
import { documentResponses, problemResponses } from '../platform/posture.ts';
import { sendMedia } from '../platform/send-media.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { RecordingReader } from './recording.reader.ts';
import { masterSchema, recordingSchema } from './recording.schema.ts';
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
const audioParams = z.object({ recordingId: z.string(), kind: z.enum(['mp3', 'm4a', 'opus']) });
type AudioRoute = { Params: z.infer<typeof audioParams> };

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

const masterRoutes = (app: App, { reader, render }: Services): void => {
  app.post(
    '/recordings/:recordingId/masters',
    {
      config: { action: 'stopRecording' },
      schema: {
        operationId: 'renderMaster',
        tags: ['host'],
        summary: 'Queue a master of all takes again, for instance after a failure',
        params: recordingParams,
        response: { 202: masterSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { hostId } = hostOf(request);
      const recording = await reader.ownRecording(request.params.recordingId, hostId);
      await render.queueMaster(recording.id);
      const { master } = await reader.read(recording.id, hostId);
      if (!master) throw new Problem('nothing-recorded');
      return reply.code(202).send(master);
    },
  );
};

const audioRoutes = (app: App, { reader }: Services): void => {
  const sendAudio = async (request: FastifyRequest<AudioRoute>, reply: FastifyReply): Promise<FastifyReply> => {
    const { recordingId, kind } = request.params;
    await reader.ownRecording(recordingId, hostOf(request).hostId);
    const { renditions } = await reader.readyMaster(recordingId);
    const rendition = renditions.find((one) => one.kind === kind);
    if (!rendition) throw new Problem('not-found');
    const { path, mediaType, sha256: etag } = rendition;
    return sendMedia(request, reply, { path, mediaType, etag, cacheControl: 'private, no-cache', anyOrigin: false });
  };
  const url = '/recordings/:recordingId/audio/:kind';
  const config = { action: 'readRecording' } as const;
  // The HEAD route that Fastify adds would answer with a length of 0
  const response = documentResponses;
  app.head(url, { config, schema: { hide: true, params: audioParams, response } }, sendAudio);
  app.get(
    url,
    {
      config,
      exposeHeadRoute: false,
      schema: {
        operationId: 'getRecordingAudio',
        tags: ['host'],
        summary: 'A rendition of the newest master, once it is ready, for the host before it is published',
        params: audioParams,
        response,
      },
    },
    sendAudio,
  );
};

export const recordingRoutes =
  (services: Services) =>
  (app: App): void => {
    takeRoutes(app, services);
    readRoutes(app, services);
    masterRoutes(app, services);
    audioRoutes(app, services);
  };
