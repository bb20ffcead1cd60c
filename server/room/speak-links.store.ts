import type { Database } from '../platform/db.ts';
import { randomUuid } from '../platform/ids.ts';
import type { SpeakLink as Row } from '../platform/prisma/client.ts';

export type SpeakLink = Pick<Row, 'id' | 'roomId' | 'label' | 'createdAt' | 'expiresAt' | 'usedAt' | 'revokedAt'>;

/** Speak links. The secret is in the link's fragment only; the row has its SHA-256. */
export const speakLinksStore = ({ prisma }: Database) => ({
  create: (link: {
    roomId: string;
    label: string;
    secretHash: string;
    now: Date;
    expiresAt: Date;
  }): Promise<SpeakLink> => {
    const { now, ...data } = link;
    return prisma.speakLink.create({ data: { id: randomUuid(), ...data, createdAt: now } });
  },

  /** Newest first. */
  ofRoom: (roomId: string): Promise<SpeakLink[]> =>
    prisma.speakLink.findMany({ where: { roomId }, orderBy: { createdAt: 'desc' }, take: 200 }),

  /** False when the room has no such link; revoking again changes nothing. */
  revoke: async (roomId: string, id: string, now: Date): Promise<boolean> => {
    await prisma.speakLink.updateMany({ where: { id, roomId, revokedAt: null }, data: { revokedAt: now } });
    return (await prisma.speakLink.count({ where: { id, roomId } })) === 1;
  },
});
export type SpeakLinksStore = ReturnType<typeof speakLinksStore>;
