/** What hosts do with the masters of their recordings: have them made, cancel, retry and hear them. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { documentResponses, problemResponses } from '../platform/posture.ts';
import { sendMedia } from '../platform/send-media.ts';
import { Problem } from '../problems.ts';
import type { RecordingReader } from './recording.reader.ts';
import { PRESETS, masterSchema } from './recording.schema.ts';
import { CutSchema } from './render/cut.schema.ts';
import type { RenderService } from './render.service.ts';

type Services = { reader: RecordingReader; render: RenderService };

const orderBodySchema = z.object({
  /** Ranges in the order in which they shall be heard; all takes so far when there is none. */
  cut: CutSchema.optional(),
  title: z.string().trim().min(1).max(120).optional(),
  preset: z.enum(PRESETS).optional(),
});
const recordingParams = z.object({ recordingId: z.string() });
const masterParams = z.object({ recordingId: z.string(), masterId: z.uuid() });
const kindSchema = z.enum(['mp3', 'm4a', 'opus']);
const newestParams = recordingParams.extend({ kind: kindSchema });
const audioParams = masterParams.extend({ kind: kindSchema });
type AudioRoute = { Params: z.infer<typeof newestParams> & { masterId?: string } };

const orderRoute = (app: App, { reader, render }: Services): void => {
  app.post(
    '/recordings/:recordingId/masters',
    {
      config: { action: 'stopRecording' },
      schema: {
        operationId: 'renderMaster',
        tags: ['host'],
        summary: 'Have a master made: of all takes so far, superseding the last of these, or of chosen ranges',
        params: recordingParams,
        body: orderBodySchema.nullish(),
        response: { 202: masterSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { hostId } = hostOf(request);
      const { id } = await reader.ownRecording(request.params.recordingId, hostId);
      const masterId = await render.queueMaster(id, request.body ?? {});
      return reply.code(202).send(await reader.readMaster(id, masterId, hostId));
    },
  );
};

const ORDERS = {
  cancel: { operationId: 'cancelMaster', summary: 'Give up a master that waits or is being made' },
  retry: {
    operationId: 'retryMaster',
    summary: 'Have a failed or cancelled master made after all, from its last stage',
  },
} as const;

const laterOrderRoutes = (app: App, { reader, render }: Services): void => {
  for (const order of ['cancel', 'retry'] as const) {
    app.post(
      `/recordings/:recordingId/masters/:masterId/${order}`,
      {
        config: { action: 'stopRecording' },
        schema: {
          ...ORDERS[order],
          tags: ['host'],
          params: masterParams,
          response: { 200: masterSchema, ...problemResponses },
        },
      },
      async (request) => {
        const { recordingId, masterId } = request.params;
        const { hostId } = hostOf(request);
        await render[order](await reader.ownMaster(recordingId, masterId, hostId));
        return reader.readMaster(recordingId, masterId, hostId);
      },
    );
  }
};

const audioRoutes = (app: App, { reader }: Services): void => {
  const sendAudio = async (request: FastifyRequest<AudioRoute>, reply: FastifyReply): Promise<FastifyReply> => {
    const { recordingId, masterId, kind } = request.params;
    await reader.ownRecording(recordingId, hostOf(request).hostId);
    const { renditions } = await reader.readyMaster(recordingId, masterId);
    const rendition = renditions.find((one) => one.kind === kind);
    if (!rendition) throw new Problem('not-found');
    const { path, mediaType, sha256: etag } = rendition;
    return sendMedia(request, reply, { path, mediaType, etag, cacheControl: 'private, no-cache', anyOrigin: false });
  };
  const config = { action: 'readRecording' } as const;
  const response = documentResponses;
  // The HEAD route that Fastify adds would answer with a length of 0
  const serve = (url: string, params: typeof newestParams, words: { operationId: string; summary: string }): void => {
    app.head(url, { config, schema: { hide: true, params, response } }, sendAudio);
    const schema = { ...words, tags: ['host'], params, response };
    app.get(url, { config, exposeHeadRoute: false, schema }, sendAudio);
  };
  serve('/recordings/:recordingId/audio/:kind', newestParams, {
    operationId: 'getRecordingAudio',
    summary: 'A rendition of the newest master, once it is ready, for the host before it is published',
  });
  serve('/recordings/:recordingId/masters/:masterId/audio/:kind', audioParams, {
    operationId: 'getMasterAudio',
    summary: 'A rendition of one master, once it is ready, for the host before it is published',
  });
};

export const masterRoutes =
  (services: Services) =>
  (app: App): void => {
    orderRoute(app, services);
    laterOrderRoutes(app, services);
    audioRoutes(app, services);
  };
