/**
 * Rooms: lasting places with a link and rules. A host opens one for a live session; listeners enter with a ticket that
 * is made from the registry in memory and leaves no trace, speakers with a link that works once.
 */
import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import type { Chapter } from '../platform/chapter.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { App } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { WebApp } from '../platform/static.ts';
import { doorRoutes } from './door.routes.ts';
import type { LiveRegistry } from './live-registry.ts';
import { liveSessionRoutes } from './live-session.routes.ts';
import type { LiveHook } from './live-session.service.ts';
import { liveSessionService } from './live-session.service.ts';
import { liveSessionsStore } from './live-sessions.store.ts';
import { hostRoomRoutes, roomCardRoutes } from './room.routes.ts';
import type { LiveFacts } from './room.service.ts';
import { roomService } from './room.service.ts';
import { roomsStore } from './rooms.store.ts';
import type { EndingHook } from './session-ending.ts';
import { sessionLimits } from './session-limits.ts';
import { speakLinkRoutes } from './speak-link.routes.ts';
import { speakLinkService } from './speak-link.service.ts';
import { speakLinksStore } from './speak-links.store.ts';
import { ticketLimits } from './ticket-limits.ts';
import { ticketRoutes } from './ticket.routes.ts';
import { ticketService } from './ticket.service.ts';

type Deps = {
  config: Config;
  database: Database;
  media: MediaPort;
  clock: Clock;
  log: Log;
  web: WebApp;
  registry: LiveRegistry;
  /** What the card shows of a live session. */
  liveFacts: (liveSessionId: string) => LiveFacts;
  /** Since when nobody has been connected on the stage. */
  emptySince: (liveSessionId: string) => Date | undefined;
  onOpening: readonly LiveHook[];
  onLive: readonly LiveHook[];
  onChanged: readonly LiveHook[];
  onLinkRevoked: (linkId: string) => Promise<void>;
  onEnding: readonly EndingHook[];
};

export const roomChapter = (deps: Deps) => {
  const { config, database, media, clock, log, web, registry } = deps;
  const { publicUrl } = config;
  const store = roomsStore(database);
  const rooms = roomService({
    rooms: store,
    registry,
    publicUrl,
    liveFacts: deps.liveFacts,
    onChanged: deps.onChanged,
  });
  const liveSessions = liveSessionService({
    rooms: store,
    roomService: rooms,
    liveSessions: liveSessionsStore(database),
    registry,
    media,
    clock,
    log,
    onOpening: deps.onOpening,
    onLive: deps.onLive,
    onEnding: deps.onEnding,
  });
  const links = speakLinksStore(database);
  const speakLinks = speakLinkService({ links, rooms, onRevoked: deps.onLinkRevoked, clock, publicUrl });
  const tickets = ticketService({ config, media, registry, clock });
  const limits = sessionLimits({ ...deps, unwrittenReason: liveSessions.unwrittenReason, end: liveSessions.end });
  return {
    rooms,
    liveSessions,
    tickets,
    rootRoutes: doorRoutes(rooms, web, publicUrl),
    publicRoutes: (app: App) => {
      roomCardRoutes(rooms)(app);
      ticketRoutes(tickets, ticketLimits(config, clock))(app);
    },
    hostRoutes: (app: App) => {
      hostRoomRoutes(rooms)(app);
      liveSessionRoutes(liveSessions)(app);
      speakLinkRoutes(speakLinks)(app);
    },
    start: async () => {
      await liveSessions.adopt();
      limits.start();
    },
    stop: limits.stop,
  } satisfies Chapter & Record<string, unknown>;
};
