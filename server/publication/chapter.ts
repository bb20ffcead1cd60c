/**
 * Publication: episodes for the rest of the world. A page that plays without JavaScript, media that podcast apps can
 * seek in, a feed per room and one for the instance.
 */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { Chapter } from '../platform/chapter.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { WebApp } from '../platform/static.ts';
import type { RecordingReader } from '../recording/recording.reader.ts';
import { storeCover } from './cover.ts';
import { hostEpisodeRoutes, publicEpisodeRoutes } from './episode.routes.ts';
import { episodeService } from './episode.service.ts';
import { episodesStore } from './episodes.store.ts';
import { feedService } from './feed.service.ts';
import { mediaRoutes } from './media.routes.ts';
import { pageRoutes } from './page.routes.ts';

export type PublicationDeps = {
  config: Config;
  database: Database;
  recordings: RecordingReader;
  web: WebApp;
  clock: Clock;
  log: FastifyBaseLogger;
};

export const publicationChapter = ({ config, database, recordings, web, clock, log }: PublicationDeps) => {
  const store = episodesStore(database.prisma);
  const coversDir = join(config.recordingsDir, 'covers');
  const cover = (title: string): Promise<string> => storeCover(coversDir, title);
  const episodes = episodeService({ config, episodes: store, recordings, storeCover: cover, clock, log });
  const feeds = feedService({ config, episodes: store, storeCover: cover });

  return {
    episodes,
    publicRoutes: publicEpisodeRoutes({ config, episodes }),
    hostRoutes: hostEpisodeRoutes({ config, episodes }),
    rootRoutes: (app) => {
      mediaRoutes({ config, episodes: store, coversDir })(app);
      pageRoutes({ config, episodes, feeds, web })(app);
    },
  } satisfies Chapter & Record<string, unknown>;
};
