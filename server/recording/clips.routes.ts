/** Clips of a running take, made on a host's order. */
import { z } from 'zod';
import { hostOf } from '../people/actor.ts';
import type { App } from '../platform/http.ts';
import { problemResponses } from '../platform/posture.ts';
import type { LiveRegistry } from '../room/live-registry.ts';
import { LONGEST_CLIP_MS } from './clips.service.ts';
import type { ClipsService } from './clips.service.ts';
import type { RecordingReader } from './recording.reader.ts';
import { masterSchema } from './recording.schema.ts';
import { liveRoomOf } from './takes.routes.ts';

const title = z.string().trim().min(1).max(120).optional();
const SHORTEST_CLIP_MS = 100;
const lasts = ({ fromMs, toMs }: { fromMs: number; toMs: number }): number => toMs - fromMs;

const clipBodySchema = z.union([
  z.strictObject({ lastMs: z.int().min(SHORTEST_CLIP_MS).max(LONGEST_CLIP_MS), title }),
  z
    .strictObject({ fromMs: z.int().nonnegative(), toMs: z.int().positive(), title })
    .refine((range) => lasts(range) >= SHORTEST_CLIP_MS, { error: 'a clip ends after it begins', path: ['toMs'] })
    .refine((range) => lasts(range) <= LONGEST_CLIP_MS, { error: 'a clip is 90 s long at most', path: ['toMs'] }),
]);

export const clipRoutes =
  ({ clips, reader, registry }: { clips: ClipsService; reader: RecordingReader; registry: LiveRegistry }) =>
  (app: App): void => {
    app.post(
      '/rooms/:slug/recording/clips',
      {
        config: { action: 'stopRecording' },
        schema: {
          operationId: 'makeClip',
          tags: ['host'],
          summary: 'Make a clip of at most 90 s of the running take, while it goes on; answers when it can be heard',
          params: z.object({ slug: z.string() }),
          body: clipBodySchema,
          response: { 201: masterSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { hostId } = hostOf(request);
        const entry = liveRoomOf(registry, request.params.slug, hostId);
        const { recordingId, masterId } = await clips.make(entry, request.body);
        return reply.code(201).send(await reader.readMaster(recordingId, masterId, hostId));
      },
    );
  };
