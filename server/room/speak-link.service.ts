import type { HostActor } from '../people/actor.ts';
import type { Clock } from '../platform/clock.ts';
import { hashSecret, randomSecret } from '../platform/ids.ts';
import { Problem } from '../problems.ts';
import type { SpeakLinkView } from './room.schema.ts';
import type { RoomService } from './room.service.ts';
import type { SpeakLink, SpeakLinksStore } from './speak-links.store.ts';

const linkLifeMs = 24 * 60 * 60 * 1000;

type Deps = {
  links: SpeakLinksStore;
  rooms: Pick<RoomService, 'ownRoom'>;
  /** Told when a link has become worthless: whoever came by it loses the seat. */
  onRevoked: (linkId: string) => Promise<void>;
  clock: Clock;
  publicUrl: string;
};

const stateOf = (link: SpeakLink, now: Date): SpeakLinkView['state'] => {
  if (link.revokedAt) return 'revoked';
  if (link.usedAt) return 'used';
  return link.expiresAt <= now ? 'expired' : 'open';
};

const toView = (link: SpeakLink, now: Date): SpeakLinkView => ({
  id: link.id,
  label: link.label,
  state: stateOf(link, now),
  createdAt: link.createdAt.toISOString(),
  expiresAt: link.expiresAt.toISOString(),
  usedAt: link.usedAt?.toISOString() ?? null,
});

/** Personal links to the stage. A host makes and revokes them; they are spent where the seat is given (stage/). */
export const speakLinkService = ({ links, rooms, onRevoked, clock, publicUrl }: Deps) => ({
  /** The answer is the only place where the link's address ever appears. */
  create: async (host: HostActor, slug: string, label: string): Promise<SpeakLinkView> => {
    const room = await rooms.ownRoom(host, slug);
    const secret = randomSecret();
    const now = clock.now();
    const expiresAt = new Date(now.getTime() + linkLifeMs);
    const link = await links.create({ roomId: room.id, label, secretHash: hashSecret(secret), now, expiresAt });
    return { ...toView(link, now), url: `${publicUrl}/r/${slug}#speak=${secret}` };
  },

  list: async (host: HostActor, slug: string): Promise<SpeakLinkView[]> => {
    const room = await rooms.ownRoom(host, slug);
    const now = clock.now();
    return (await links.ofRoom(room.id)).map((link) => toView(link, now));
  },

  revoke: async (host: HostActor, slug: string, linkId: string): Promise<void> => {
    const room = await rooms.ownRoom(host, slug);
    if (!(await links.revoke(room.id, linkId, clock.now()))) throw new Problem('not-found');
    await onRevoked(linkId);
  },
});
export type SpeakLinkService = ReturnType<typeof speakLinkService>;
