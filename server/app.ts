/**
 * Composition: which chapter gets what. The story's folders import from left to right only; where the left has to tell
 * the right something, the function it calls is put in here. Builds the app; never listens, never reads the environment.
 */
import type { Config } from './config.ts';
import type { MediaPort } from './media/port.ts';
import { authorise } from './people/actor.ts';
import type { Chapter } from './platform/chapter.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db.ts';
import { healthRoutes } from './platform/health.routes.ts';
import type { App } from './platform/http.ts';
import { createHttp } from './platform/http.ts';
import type { Log } from './platform/log.ts';
import { installOpenApi, openApiRoutes } from './platform/openapi.ts';
import type { Shutdown } from './platform/shutdown.ts';
import type { WebApp } from './platform/static.ts';
import { installWebApp, webApp } from './platform/static.ts';

export type AppDeps = {
  config: Config;
  database: Database;
  media: MediaPort;
  clock: Clock;
  log: Log;
  /** Given by main.ts, so that chapters end in their phases; without it they end when the app closes. */
  shutdown?: Shutdown;
  web?: WebApp;
};

const mount = async (app: App, chapters: readonly Chapter[]): Promise<void> => {
  for (const { rootRoutes, publicRoutes, hostRoutes } of chapters) {
    if (rootRoutes) await app.register(async (scope: App) => rootRoutes(scope));
    if (publicRoutes) await app.register(async (scope: App) => publicRoutes(scope), { prefix: '/api/v1' });
    if (hostRoutes) await app.register(async (scope: App) => hostRoutes(scope), { prefix: '/api/v1' });
  }
};

export const buildApp = async (deps: AppDeps): Promise<App> => {
  const { config, log } = deps;
  const web = deps.web ?? webApp();
  const app = await createHttp(config, log);
  await installOpenApi(app, '0.1.0');
  const chapters: Chapter[] = [];
  app.addHook(
    'onRequest',
    authorise({ bearer: async () => undefined, cookie: async () => undefined, visit: async () => undefined }),
  );
  await app.register(async (scope: App) => {
    healthRoutes({ livekit: deps.media.isHealthy })(scope);
    openApiRoutes(scope);
  });
  await mount(app, chapters);
  await installWebApp(app, web);
  return app;
};
