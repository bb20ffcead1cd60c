import type { Config } from '../config.ts';
import type { Chapter } from '../platform/chapter.ts';
import type { Log } from '../platform/log.ts';
import { admission } from './admission.ts';
import type { LiveSessions, Removals, SeatBook, ServiceBook } from './admission.ts';
import { gateway } from './gateway.ts';
import { gatewayRoutes } from './gateway.routes.ts';
import type { MediaPort } from './port.ts';
import { reconcile } from './reconcile.ts';
import type { Books } from './reconcile.ts';

type Deps = {
  config: Config;
  media: MediaPort;
  log: Log;
  registry: LiveSessions;
  seats: SeatBook;
  services: ServiceBook;
  removals: Removals;
  /** Those of these names that are live sessions and have ended. */
  endedAmong: (names: readonly string[]) => Promise<string[]>;
  /** Every two seconds per live session; a failure of it is logged like one of LiveKit. */
  onBooks: (books: Books) => void | Promise<void>;
};

/** The media plane: the door to it, the books about it, and its rooms. */
export const mediaChapter = (deps: Deps) => {
  const { config, media, log, registry, seats, services, removals, endedAmong, onBooks } = deps;
  const closing = new Set<string>();
  const admissions = admission({ registry, admissionSecret: config.admissionSecret, seats, services, removals });
  const door = gateway({ config, media, admission: admissions, seats });
  const books = reconcile({
    media,
    registry,
    admission: admissions,
    gateway: door,
    closing,
    endedAmong,
    onBooks,
    log,
  });

  const chapter: Chapter = {
    rootRoutes: gatewayRoutes({ gateway: door, config }),
    start: () => {
      door.start();
      books.start();
    },
    stop: async () => {
      await books.stop();
      await door.stop();
    },
  };

  return {
    ...chapter,
    admission: admissions,
    /** Makes the room of a live session that begins. */
    openRoom: (liveSessionId: string): Promise<void> => media.openRoom(liveSessionId),
    /**
     * Ends a live session's room for good: everybody is told and disconnected. Tried again every second until LiveKit
     * has done it. Ids of live sessions never return.
     */
    closeRoom: async (liveSessionId: string): Promise<void> => {
      closing.add(liveSessionId);
      await media.closeRoom(liveSessionId).finally(() => door.disconnectSession(liveSessionId));
    },
    /**
     * Throws somebody out at once. Revoke the identity first: LiveKit cannot, and would let it in again. Never rejects:
     * what LiveKit does not hear now, the next look repeats.
     */
    expel: async (liveSessionId: string, identity: string): Promise<void> => {
      door.disconnect(identity);
      await media
        .remove(liveSessionId, identity)
        .catch((error: unknown) =>
          log.warn({ liveSessionId, err: error }, 'somebody removed is still in the media room'),
        );
    },
  };
};
