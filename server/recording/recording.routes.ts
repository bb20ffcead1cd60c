/** What hosts see of recordings, and the names they give them. A recording of somebody else is not found. */
import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { problemResponses } from '../platform/posture.ts';
import { Problem } from '../problems.ts';
import type { RecordingReader } from './recording.reader.ts';
import { recordingSchema } from './recording.schema.ts';
import type { RecordingService } from './recording.service.ts';

type Services = { recordings: RecordingService; reader: RecordingReader };

const MOST_AT_ONCE = 50;

const recordingParams = z.object({ recordingId: z.string() });
const takeParams = recordingParams.extend({ takeId: z.string() });
const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST_AT_ONCE).default(MOST_AT_ONCE),
  before: z.string().max(64).optional().describe('The `next` of the page before.'),
});
/** null takes the name away. */
const nameBody = z.object({ name: z.string().trim().min(1).max(120).nullable() });
const recordingResponse = { 200: recordingSchema, ...problemResponses };

const readRoutes = (app: App, { reader }: Services): void => {
  app.get(
    '/recordings',
    {
      config: { action: 'readRecording' },
      schema: {
        operationId: 'listRecordings',
        tags: ['host'],
        summary: 'The recordings of one’s own rooms, newest first, in pages',
        querystring: listQuery,
        response: {
          200: z.object({ recordings: z.array(recordingSchema), next: z.string().nullable() }),
          ...problemResponses,
        },
      },
    },
    async (request) => reader.list(hostOf(request).hostId, request.query),
  );
  app.get(
    '/recordings/:recordingId',
    {
      config: { action: 'readRecording' },
      schema: {
        operationId: 'getRecording',
        tags: ['host'],
        summary: 'One recording with its takes, gaps, tracks, replay and the progress of its masters',
        params: recordingParams,
        response: recordingResponse,
      },
    },
    async (request) => reader.read(request.params.recordingId, hostOf(request).hostId),
  );
};

const nameRoutes = (app: App, { recordings, reader }: Services): void => {
  app.patch(
    '/recordings/:recordingId',
    {
      config: { action: 'nameRecording' },
      schema: {
        operationId: 'nameRecording',
        tags: ['host'],
        summary: 'Name a recording',
        params: recordingParams,
        body: nameBody,
        response: recordingResponse,
      },
    },
    async (request) => {
      const { hostId } = hostOf(request);
      const { id } = await reader.ownRecording(request.params.recordingId, hostId);
      await recordings.nameRecording(id, request.body.name);
      return reader.read(id, hostId);
    },
  );
  app.patch(
    '/recordings/:recordingId/takes/:takeId',
    {
      config: { action: 'nameRecording' },
      schema: {
        operationId: 'nameTake',
        tags: ['host'],
        summary: 'Name a take',
        params: takeParams,
        body: nameBody,
        response: recordingResponse,
      },
    },
    async (request) => {
      const { hostId } = hostOf(request);
      const { id } = await reader.ownRecording(request.params.recordingId, hostId);
      if (!(await recordings.nameTake(id, request.params.takeId, request.body.name))) throw new Problem('not-found');
      return reader.read(id, hostId);
    },
  );
};

export const recordingRoutes =
  (services: Services) =>
  (app: App): void => {
    readRoutes(app, services);
    nameRoutes(app, services);
  };
