/**
 * Composition: which chapter gets what. The story's folders import from left to right only; where the left has to tell
 * the right something, the function it calls is put in here. Builds the app; never listens, never reads the environment.
 */
import type { Config } from './config.ts';
import type { MediaPort } from './media/port.ts';
import { authorise } from './people/actor.ts';
import { peopleChapter } from './people/chapter.ts';
import { refuseForeignOrigins } from './people/csrf.ts';
import type { Chapter } from './platform/chapter.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db.ts';
import { healthRoutes } from './platform/health.routes.ts';
import type { App, Routes } from './platform/http.ts';
import { createHttp } from './platform/http.ts';
import type { Log } from './platform/log.ts';
import { installOpenApi, openApiRoutes } from './platform/openapi.ts';
import type { WebApp } from './platform/static.ts';
import { installWebApp, webApp } from './platform/static.ts';
import { roomChapter } from './room/chapter.ts';
import { liveRegistry } from './room/live-registry.ts';

export type AppDeps = {
  config: Config;
  database: Database;
  media: MediaPort;
  clock: Clock;
  log: Log;
  web?: WebApp;
};

declare module 'fastify' {
  interface FastifyInstance {
    /** Once, before listening: adopts what is live, then the chapters' loops and jobs, from left to right. */
    startChapters: () => Promise<void>;
    /** From right to left, once; closing the app does it too. */
    stopChapters: () => Promise<void>;
  }
}

const mount = async (app: App, chapters: readonly Chapter[]): Promise<void> => {
  const at = (prefix: string, routes: Routes | undefined) =>
    routes && app.register(async (scope) => routes(scope as App), { prefix });
  for (const { rootRoutes, publicRoutes, hostRoutes, manageRoutes } of chapters) {
    await at('', rootRoutes);
    await at('/api/v1', publicRoutes);
    await at('/api/v1', hostRoutes);
    await at('/manage/api/v1', manageRoutes);
    await at('/manage/api/v1', hostRoutes && hidden(hostRoutes));
  }
};

// The same routes for our own interface, with the cookie: described once, under /api/v1.
const hidden =
  (routes: Routes): Routes =>
  (app) => {
    app.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true };
    });
    return routes(app);
  };

const installLife = (app: App, chapters: readonly Chapter[], log: Log): void => {
  let stopping: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    for (const { stop } of chapters.toReversed()) {
      try {
        await stop?.();
      } catch (error) {
        log.error({ err: error }, 'a chapter could not stop cleanly');
      }
    }
  };
  app.decorate('startChapters', async () => {
    for (const { start } of chapters) await start?.();
  });
  app.decorate('stopChapters', () => (stopping ??= stopAll()));
  app.addHook('preClose', () => app.stopChapters());
};

const composeChapters = (deps: AppDeps, web: WebApp) => {
  const registry = liveRegistry();
  const people = peopleChapter(deps);
  const room = roomChapter({
    ...deps,
    web,
    registry,
    liveFacts: () => ({ listeners: null, speakers: [], recording: false }),
    onLive: [],
    onChanged: [],
    onEnding: [],
  });
  const credentials = {
    bearer: people.people.actorOfApiToken,
    cookie: async (header: string) => {
      const token = people.cookie.read(header);
      return token ? people.people.actorOfLogin(token) : undefined;
    },
    visit: async () => undefined,
  };
  return { chapters: [people, room] satisfies Chapter[], credentials };
};

export const buildApp = async (deps: AppDeps): Promise<App> => {
  const { config, database, media, log } = deps;
  const web = deps.web ?? webApp();
  const app = await createHttp(config, log);
  await installOpenApi(app);
  const { chapters, credentials } = composeChapters(deps, web);
  app.addHook('onRequest', refuseForeignOrigins(config.publicUrl));
  app.addHook('onRequest', authorise(credentials));
  const ready = { database: database.isHealthy, livekit: media.isHealthy };
  await mount(app, [{ rootRoutes: healthRoutes(ready) }, { rootRoutes: openApiRoutes }, ...chapters]);
  await installWebApp(app, web);
  installLife(app, chapters, log);
  return app;
};
