import { randomBytes } from 'node:crypto';
import { freePort } from '../../scripts/services/ports.ts';
import type { Environment } from '../../server/config.ts';
import { loadConfig } from '../../server/config.ts';
import type { LiveSeat } from '../../server/media/admission.ts';
import { mediaChapter } from '../../server/media/chapter.ts';
import { livekitMedia } from '../../server/media/livekit.ts';
import type { MediaRole } from '../../server/media/port.ts';
import type { Books } from '../../server/media/reconcile.ts';
import { authorise } from '../../server/people/actor.ts';
import { createHttp } from '../../server/platform/http.ts';
import { randomId } from '../../server/platform/ids.ts';
import { createLog } from '../../server/platform/log.ts';
import { mintAudienceIdentity, seatIdentity } from '../../server/room/identity.ts';

export type LivekitKeys = { livekitUrl: string; livekitApiKey: string; livekitApiSecret: string };

const nobody = async () => undefined;

/**
 * The media plane alone, on a port of its own: gateway, admission and reconcile on a given LiveKit, with stage,
 * recording and live sessions as plain maps. `log` lines are kept.
 */
export const startMediaHouse = async (keys: LivekitKeys, settings: Environment = {}) => {
  const port = await freePort();
  const config = loadConfig({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: 'postgres://nowhere',
    LIVEKIT_URL: keys.livekitUrl,
    LIVEKIT_API_KEY: keys.livekitApiKey,
    LIVEKIT_API_SECRET: keys.livekitApiSecret,
    ADMISSION_SECRET: randomBytes(32).toString('hex'),
    ...settings,
  });
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const media = livekitMedia({ url: config.livekitUrl, apiKey: keys.livekitApiKey, apiSecret: keys.livekitApiSecret });
  const live = new Set<string>();
  const seats = new Map<string, LiveSeat>();
  const removed = new Set<string>();
  const recorders = new Set<string>();
  const books: Books[] = [];
  const sids = new Map<string, string>();

  const chapter = mediaChapter({
    config,
    media,
    log,
    registry: {
      byId: (liveSessionId) => (live.has(liveSessionId) ? { liveSessionId } : undefined),
      all: () => [...live].map((liveSessionId) => ({ liveSessionId })),
    },
    seats: { liveSeat: (identity) => seats.get(identity), noteSid: (identity, sid) => void sids.set(identity, sid) },
    services: { isService: (identity) => recorders.has(identity) },
    removals: { isRemoved: (_liveSessionId, identity) => removed.has(identity) },
    endedAmong: async () => [],
    onBooks: (one) => void books.push(one),
  });

  const app = await createHttp(config, log);
  app.addHook('onRequest', authorise({ bearer: nobody, cookie: nobody, visit: nobody }));
  await chapter.rootRoutes?.(app);
  await app.listen({ host: '127.0.0.1', port });
  await chapter.start?.();

  const openSession = async (): Promise<string> => {
    const liveSessionId = randomId();
    live.add(liveSessionId);
    await chapter.openRoom(liveSessionId);
    return liveSessionId;
  };
  const audience = (liveSessionId: string, role: 'anonymous' | 'listener' = 'anonymous'): string =>
    mintAudienceIdentity(config.admissionSecret, liveSessionId, role);
  const seat = (liveSessionId: string, rights: Partial<Pick<LiveSeat, 'role' | 'mayPublish'>> = {}): string => {
    const seatId = randomId();
    seats.set(seatIdentity(seatId), { seatId, role: 'speaker', liveSessionId, mayPublish: true, ...rights });
    return seatIdentity(seatId);
  };
  const token = (liveSessionId: string, identity: string, role: MediaRole, mayPublish = true): Promise<string> =>
    media.issueToken({ role, liveSessionId, identity, mayPublish, ttlSeconds: 120 });

  return {
    app,
    config,
    media,
    chapter,
    books,
    lines,
    live,
    seats,
    sids,
    removed,
    recorders,
    mediaUrl: `ws://127.0.0.1:${port}/media`,
    openSession,
    audience,
    seat,
    token,
    stop: async (): Promise<void> => {
      await chapter.stop?.();
      await app.close();
    },
  };
};
export type MediaHouse = Awaited<ReturnType<typeof startMediaHouse>>;
