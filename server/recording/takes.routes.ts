/** What a host does to the recording of a live room: start, pause, resume, stop, mark. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { idempotencyHeaders } from '../platform/idempotency.ts';
import { problemResponses } from '../platform/posture.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry, LiveRegistry } from '../room/live-registry.ts';
import type { RecordingReader } from './recording.reader.ts';
import { markSchema, recordingSchema } from './recording.schema.ts';
import type { RecordingService } from './recording.service.ts';

type Services = { recordings: RecordingService; reader: RecordingReader; registry: LiveRegistry };

const slugParams = z.object({ slug: z.string() });
const markBody = z.object({ label: z.string().trim().min(1).max(120) });

/** The live room of this host; anybody else's answers like one that is not live. */
export const liveRoomOf = (registry: LiveRegistry, slug: string, hostId: string): LiveEntry => {
  const entry = registry.bySlug(slug);
  if (!entry || entry.hostId !== hostId) throw new Problem('room-not-live');
  return entry;
};

/** Who it was stands in the log, for every order that lights or darkens the red light. */
const orderedBy = (request: FastifyRequest, registry: LiveRegistry, slug: string, action: string) => {
  const { hostId } = hostOf(request);
  const entry = liveRoomOf(registry, slug, hostId);
  request.log.info({ hostId, liveSessionId: entry.liveSessionId, action }, 'recording ordered');
  return { hostId, entry };
};

const BEGINNINGS = {
  start: { action: 'startRecording', summary: 'Start a take; answers when the first sample is captured' },
  resume: { action: 'resumeRecording', summary: 'Go on after a pause, with a new take of the same recording' },
} as const;

const ENDINGS = {
  pause: { action: 'pauseRecording', summary: 'End the running take; nothing is captured until the recording goes on' },
  stop: {
    action: 'stopRecording',
    summary: 'End the running take, or the pause, and queue a master of all takes so far; the answer has the replay',
  },
} as const;

const beginningRoute = (app: App, order: keyof typeof BEGINNINGS, services: Services): void => {
  const { recordings, reader, registry } = services;
  const { action, summary } = BEGINNINGS[order];
  app.post(
    `/rooms/:slug/recording/${order}`,
    {
      config: { action },
      schema: {
        operationId: action,
        tags: ['host'],
        summary,
        params: slugParams,
        headers: idempotencyHeaders,
        response: { 201: recordingSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { hostId, entry } = orderedBy(request, registry, request.params.slug, action);
      const recordingId = await recordings[order](entry, request.headers['idempotency-key']);
      return reply.code(201).send(await reader.read(recordingId, hostId));
    },
  );
};

const endingRoute = (app: App, order: keyof typeof ENDINGS, services: Services): void => {
  const { recordings, reader, registry } = services;
  const { action, summary } = ENDINGS[order];
  app.post(
    `/rooms/:slug/recording/${order}`,
    {
      config: { action },
      schema: {
        operationId: action,
        tags: ['host'],
        summary,
        params: slugParams,
        response: { 200: recordingSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { entry } = orderedBy(request, registry, request.params.slug, action);
      return reader.readLive(await recordings[order](entry), entry);
    },
  );
};

const markRoute = (app: App, { recordings, registry }: Services): void => {
  app.post(
    '/rooms/:slug/recording/marks',
    {
      config: { action: 'markRecording' },
      schema: {
        operationId: 'markRecording',
        tags: ['host'],
        summary: 'Set a mark at this moment of the running take',
        params: slugParams,
        body: markBody,
        response: { 201: markSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const entry = liveRoomOf(registry, request.params.slug, hostOf(request).hostId);
      return reply.code(201).send(await recordings.mark(entry, request.body.label));
    },
  );
};

export const takesRoutes =
  (services: Services) =>
  (app: App): void => {
    beginningRoute(app, 'start', services);
    beginningRoute(app, 'resume', services);
    endingRoute(app, 'pause', services);
    endingRoute(app, 'stop', services);
    markRoute(app, services);
  };
