/** The one stable address of what can be heard of a recording: the replay, and later the master in its place. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { documentResponses } from '../platform/posture.ts';
import { sendMedia } from '../platform/send-media.ts';
import { Problem } from '../problems.ts';
import type { RecordingReader } from './recording.reader.ts';
import type { ReplaysService } from './replays.service.ts';

type Services = { reader: RecordingReader; replays: ReplaysService };

const params = z.object({ recordingId: z.string() });
const querystring = z.object({
  download: z.string().max(10).optional().describe('Present: to be saved under a name, not played.'),
});
type ReplayRoute = { Params: z.infer<typeof params>; Querystring: z.infer<typeof querystring> };

export const replayRoutes =
  ({ reader, replays }: Services) =>
  (app: App): void => {
    const send = async (request: FastifyRequest<ReplayRoute>, reply: FastifyReply): Promise<FastifyReply> => {
      const recording = await reader.ownRecording(request.params.recordingId, hostOf(request).hostId);
      const { state, files } = await replays.heardNow(recording);
      if (!files) throw new Problem(state === 'none' ? 'nothing-recorded' : 'replay-not-ready');
      return sendMedia(request, reply, {
        path: files.paths,
        etag: files.etag,
        mediaType: 'audio/mpeg',
        cacheControl: 'no-store',
        anyOrigin: false,
        downloadName: `recording-${recording.createdAt.toISOString().slice(0, 10)}.mp3`,
        attachment: request.query.download !== undefined,
      });
    };
    const url = '/recordings/:recordingId/replay.mp3';
    const config = { action: 'readRecording' } as const;
    const response = documentResponses;
    // The HEAD route that Fastify adds would answer with a length of 0
    app.head(url, { config, schema: { hide: true, params, querystring, response } }, send);
    app.get(
      url,
      {
        config,
        exposeHeadRoute: false,
        schema: {
          operationId: 'getReplay',
          tags: ['host'],
          summary: 'All ended takes of a recording as one MP3, from the moment they stop; the master once it is ready',
          params,
          querystring,
          response,
        },
      },
      send,
    );
  };
