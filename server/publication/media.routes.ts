/** Files of published episodes over HTTP. A handler looks up what may be had by id; nothing is a static mount. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { App } from '../platform/http.ts';
import { documentResponses } from '../platform/posture.ts';
import { sendMedia, streamsPerAddress } from '../platform/send-media.ts';
import { Problem } from '../problems.ts';
import { audioName } from './episode.ts';
import type { Episode } from './episode.ts';
import type { EpisodesStore } from './episodes.store.ts';

/** A day: a voice that is withdrawn must leave the caches. */
const KEEP_A_DAY = 'public, max-age=86400';

/** An hour of sound is made again in some eight minutes. */
const RETRY_SECONDS = 120;

/** What was public once is gone, not unknown. */
const assertPublic = ({ state, master }: Episode): void => {
  if (state !== 'published') throw new Problem('episode-gone');
  if (master.isWithdrawn) throw new Problem('episode-not-ready', { retryAfterSeconds: RETRY_SECONDS });
};

const fileParams = z.object({ file: z.string().max(80) });
// HEAD is a method of the route itself: the HEAD routes that Fastify adds would answer with a length of 0.
const file = {
  method: ['GET', 'HEAD'],
  config: { action: 'readEpisode' as const },
  schema: { hide: true, params: fileParams, response: documentResponses },
};

export const mediaRoutes =
  ({ config, episodes, coversDir }: { config: Config; episodes: EpisodesStore; coversDir: string }) =>
  (app: App): void => {
    const holdStream = streamsPerAddress(config.streamsPerAddress);

    app.route({
      ...file,
      url: '/audio/:file',
      handler: async (request, reply) => {
        holdStream(request, reply);
        const name = request.params.file;
        const found = await episodes.byRendition(name.slice(0, name.lastIndexOf('.')));
        if (!found || audioName(found.rendition) !== name) throw new Problem('not-found');
        const { episode, rendition } = found;
        assertPublic(episode);
        return sendMedia(request, reply, {
          path: join(config.recordingsDir, episode.recordingId, rendition.file),
          mediaType: rendition.mediaType,
          etag: rendition.sha256,
          cacheControl: KEEP_A_DAY,
          anyOrigin: true,
          downloadName: `${episode.slug}${name.slice(name.lastIndexOf('.'))}`,
        });
      },
    });

    app.route({
      ...file,
      url: '/covers/:file',
      handler: async (request, reply) => {
        const [, sha256] = /^([0-9a-f]{64})\.jpg$/.exec(request.params.file) ?? [];
        if (!sha256) throw new Problem('not-found');
        const path = join(coversDir, `${sha256}.jpg`);
        return sendMedia(request, reply, {
          path,
          mediaType: 'image/jpeg',
          etag: sha256,
          cacheControl: KEEP_A_DAY,
          anyOrigin: true,
        });
      },
    });

    app.route({
      ...file,
      url: '/peaks/:file',
      handler: async (request, reply) => {
        const masterId = z.uuid().safeParse(/^(.+)\.json$/.exec(request.params.file)?.[1]).data;
        const episode = masterId === undefined ? undefined : await episodes.byMaster(masterId);
        if (!episode?.master.peaksFile) throw new Problem('not-found');
        assertPublic(episode);
        const path = join(config.recordingsDir, episode.recordingId, episode.master.peaksFile);
        const mediaType = 'application/json; charset=utf-8';
        // The files of a finished master never change
        return sendMedia(request, reply, {
          path,
          mediaType,
          etag: episode.master.id,
          cacheControl: KEEP_A_DAY,
          anyOrigin: true,
        });
      },
    });
  };
