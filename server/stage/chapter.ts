/**
 * The stage: who may speak, who asks to, who moderates, and the one event stream through which everybody in a live
 * room learns of it. Listeners appear here only as a coarse number, and as a raised hand under an alias.
 */
import type { Config } from '../config.ts';
import type { MediaPort } from '../media/port.ts';
import type { Chapter } from '../platform/chapter.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { App } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { LiveRegistry } from '../room/live-registry.ts';
import type { RoomService } from '../room/room.service.ts';
import { ticketLimits } from '../room/ticket-limits.ts';
import type { TicketService } from '../room/ticket.service.ts';
import { consentService } from './consent.service.ts';
import { consentsStore } from './consents.store.ts';
import { eventRoutes } from './events.socket.ts';
import { handHostRoutes, handRoutes, inviteRoutes } from './hands.routes.ts';
import { handService } from './hand.service.ts';
import { handsStore } from './hands.store.ts';
import { moderationService } from './moderation.service.ts';
import { presence } from './presence.ts';
import { seatKeeper } from './seat-keeper.ts';
import type { Expel } from './seat.service.ts';
import { seatService } from './seat.service.ts';
import { linkRoutes, seatHostRoutes, seatRoutes } from './seats.routes.ts';
import { seatsStore } from './seats.store.ts';
import { stageBook } from './stage-book.ts';
import { stageCast } from './stage-cast.ts';
import { stageHub } from './stage-hub.ts';
import { stageService } from './stage.service.ts';

export type StageChapterDeps = {
  config: Config;
  database: Database;
  media: Pick<MediaPort, 'applyGrant' | 'mute'>;
  clock: Clock;
  log: Log;
  registry: LiveRegistry;
  rooms: Pick<RoomService, 'liveSessionFor'>;
  tickets: TicketService;
  /** Closes a person's media connections, at the gateway and at the media server. */
  expel: Expel;
  /** The dice of the coarse number, in [0, 1). */
  random?: () => number;
  /** Milliseconds of a clock that never jumps, by which slow readers are judged. */
  nowMs?: () => number;
};

export const stageChapter = (deps: StageChapterDeps) => {
  const { config, database, media, clock, log, registry, rooms, tickets, expel, random, nowMs } = deps;
  const seatRows = seatsStore(database);
  const handRows = handsStore(database);
  const consentRows = consentsStore(database);
  const book = stageBook(clock);
  const hub = stageHub({ nowMs });
  const cast = stageCast({ hub, registry });
  const keeper = seatKeeper({ seats: seatRows, log });

  const { publicUrl } = config;
  const shared = { publicUrl, book, registry, cast, clock, log };
  const consents = consentService({ ...shared, consents: consentRows, media, hub });
  const seats = seatService({ ...shared, seats: seatRows, keeper, tickets, consents, expel });
  const hands = handService({ hands: handRows, book, seats, hub, cast, clock, log });
  const moderation = moderationService({ book, seats, keeper, media, hub, cast, clock, log });
  const present = presence({
    book,
    cast,
    keeper,
    clock,
    log,
    random,
    onSteppedUp: (live) => {
      stage
        .retireListener(live)
        .catch((error: unknown) => log.error({ err: error }, 'the end of a listening identity is not written yet'));
    },
  });
  const stage = stageService({
    book,
    seats: seatRows,
    hands: handRows,
    consentRows,
    consents,
    presence: present,
    registry,
    hub,
    cast,
    clock,
  });

  const limits = ticketLimits(config, clock);
  const seatDeps = { rooms, registry, book, tickets, limits, seats, consents, moderation };
  return {
    stage,
    hub,
    onBooks: present.onBooks,
    consentsOf: consents.consentsOf,
    onConsentChanged: consents.onConsentChanged,
    withdrawConsent: consents.withdraw,
    setRecordingLight: stage.setRecordingLight,
    evictLink: moderation.evictLink,
    publicRoutes: (app: App): void => {
      linkRoutes(seatDeps)(app);
      seatRoutes(seatDeps)(app);
      handRoutes({ rooms, hands })(app);
      inviteRoutes({ rooms, hands })(app);
      const { spendSocketTicket } = tickets;
      eventRoutes({ config, hub, registry, spendSocketTicket, isAdmitted: stage.isPresent })(app);
    },
    hostRoutes: (app: App): void => {
      seatHostRoutes(seatDeps)(app);
      handHostRoutes({ rooms, hands })(app);
    },
    start: handRows.clearEnded,
    stop: async (): Promise<void> => {
      hub.stop();
      await keeper.flush();
    },
  } satisfies Chapter & Record<string, unknown>;
};
