/**
 * Composition: which chapter gets what. The story's folders import from left to right only; where the left has to tell
 * the right something, the function it calls is put in here. Builds the app; never listens, never reads the environment.
 */
import type { Config } from './config.ts';
import type { MediaPort } from './media/port.ts';
import { mediaChapter } from './media/chapter.ts';
import type { Credentials } from './people/actor.ts';
import { authorise } from './people/actor.ts';
import { peopleChapter } from './people/chapter.ts';
import { refuseForeignOrigins } from './people/csrf.ts';
import type { Chapter } from './platform/chapter.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db.ts';
import { hasDiskSpace } from './platform/disk.ts';
import { healthRoutes } from './platform/health.routes.ts';
import type { App, Routes } from './platform/http.ts';
import { createHttp } from './platform/http.ts';
import { openJobs } from './platform/jobs.ts';
import type { Log } from './platform/log.ts';
import { metricsRoutes } from './platform/metrics.ts';
import { installOpenApi, openApiRoutes } from './platform/openapi.ts';
import type { WebApp } from './platform/static.ts';
import { installWebApp, webApp } from './platform/static.ts';
import { publicationChapter } from './publication/chapter.ts';
import type { AllowedSpeaker } from './recording/capture/journal.schema.ts';
import { recordingChapter } from './recording/chapter.ts';
import { ffmpegReadiness } from './recording/ffmpeg-probe.ts';
import { roomChapter } from './room/chapter.ts';
import { seatIdOf } from './room/identity.ts';
import { liveRegistry } from './room/live-registry.ts';
import { visitLimits } from './room/ticket-limits.ts';
import type { TicketService } from './room/ticket.service.ts';
import type { Visit } from './room/visit.ts';
import { stageChapter } from './stage/chapter.ts';
import type { SeatConsent } from './stage/consent.service.ts';

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

const allowedSpeaker = ({ recorded: _, ...allowed }: SeatConsent): AllowedSpeaker => allowed;

/** What the left tells the right is a call on a chapter that is made further down. */
const composeChapters = (deps: AppDeps, web: WebApp) => {
  const { log } = deps;
  const registry = liveRegistry();
  const people = peopleChapter(deps);
  const inBackground = (what: string, work: Promise<void>): void => {
    work.catch((error: unknown) => log.error({ err: error }, what));
  };
  const room = roomChapter({
    ...deps,
    web,
    registry,
    liveFacts: (liveSessionId) => stage.stage.liveFacts(liveSessionId),
    emptySince: (liveSessionId) => stage.stage.emptySince(liveSessionId),
    onOpening: [(entry) => stage.stage.open(entry)],
    onLive: [(entry) => inBackground('the capture is not warm', recording.recordings.sessionLive(entry))],
    onChanged: [(entry) => stage.stage.roomChanged(entry)],
    onLinkRevoked: (linkId) => stage.evictLink(linkId),
    onEnding: [
      { name: 'recording', run: ({ liveSessionId }) => recording.recordings.finishLiveSession(liveSessionId) },
      { name: 'stage', run: ({ liveSessionId }, reason) => stage.stage.clear(liveSessionId, reason) },
      { name: 'media', run: ({ liveSessionId }) => media.closeRoom(liveSessionId) },
    ],
  });
  const { rooms, tickets } = room;
  const stage = stageChapter({ ...deps, registry, rooms, tickets, expel: (...who) => media.expel(...who) });
  const recording = recordingChapter({
    ...deps,
    registry,
    jobs: openJobs(deps.config.databaseUrl, log),
    allowedSpeakers: (liveSessionId) =>
      stage
        .consentsOf(liveSessionId)
        .filter(({ recorded }) => recorded)
        .map(allowedSpeaker),
    setLight: stage.setRecordingLight,
    arm: rooms.arm,
    withdrawConsent: stage.withdrawConsent,
    episodes: {
      retell: (...what) => publication.episodes.retell(...what),
      takeDown: (masterId) => publication.episodes.takeDown(masterId),
    },
  });
  stage.onConsentChanged((id) =>
    inBackground('consent did not reach the capture', recording.recordings.consentChanged(id)),
  );
  const { seatBook: seats, removals } = stage.stage;
  const { endedAmong } = room.liveSessions;
  const { onBooks } = stage;
  const media = mediaChapter({ ...deps, registry, seats, removals, services: recording, endedAmong, onBooks });
  const publication = publicationChapter({ ...deps, web, recordings: recording.reader });
  // Recording starts before media: the reconcile removes every recorder that it does not know.
  const chapters: Chapter[] = [people, room, stage, recording, media, publication];
  const limitVisit = visitLimits(deps.config, deps.clock);
  const credentials = credentialsOf(people, tickets, stage.stage.isVisitLive, limitVisit);
  const metrics = metricsRoutes({
    registry: recording.metrics.registry,
    isOwner: async (token) => {
      const host = await credentials.bearer(token, 'readRecording');
      return host?.role === 'owner' && (host.scopes?.includes('recordings') ?? true);
    },
  });
  return { chapters: [{ rootRoutes: metrics }, ...chapters], credentials };
};

const credentialsOf = (
  { people, cookie }: ReturnType<typeof peopleChapter>,
  tickets: TicketService,
  isVisitLive: (visit: Visit) => boolean,
  limitVisit: (visit: Visit) => void,
): Credentials => ({
  bearer: people.actorOfApiToken,
  cookie: async (header, action) => {
    const token = cookie.read(header);
    return token === undefined ? undefined : people.actorOfLogin(token, action);
  },
  visit: async (secret) => {
    const visit = tickets.openVisit(secret);
    if (!visit || !isVisitLive(visit)) return undefined;
    limitVisit(visit);
    return { kind: 'visit', ...visit, seatId: seatIdOf(visit.identity) };
  },
});

export const buildApp = async (deps: AppDeps): Promise<App> => {
  const { config, database, media, log } = deps;
  const web = deps.web ?? webApp();
  const app = await createHttp(config, log);
  await installOpenApi(app);
  const { chapters, credentials } = composeChapters(deps, web);
  app.addHook('onRequest', refuseForeignOrigins(config.publicUrl));
  app.addHook('onRequest', authorise(credentials));
  const ready = {
    database: database.isHealthy,
    livekit: media.isHealthy,
    disk: () => hasDiskSpace(config.recordingsDir),
    ffmpeg: ffmpegReadiness(config.ffmpegBin),
  };
  await mount(app, [{ rootRoutes: healthRoutes(ready) }, { rootRoutes: openApiRoutes }, ...chapters]);
  await installWebApp(app, web);
  installLife(app, chapters, log);
  return app;
};
