import type { Database } from '../platform/db.ts';
import { randomUuid } from '../platform/ids.ts';
import type { Host } from './hosts.store.ts';

/** Signed-in browsers of hosts, by the hash of the token in their cookie. */
export const loginsStore = ({ prisma }: Database) => ({
  create: async (login: { hostId: string; tokenHash: string; now: Date; expiresAt: Date }): Promise<void> => {
    const { hostId, tokenHash, now, expiresAt } = login;
    await prisma.login.create({
      data: { id: randomUuid(), hostId, tokenHash, createdAt: now, lastUsedAt: now, expiresAt },
    });
  },

  /** The host of a login that has not expired, and when it will. */
  hostOf: async (tokenHash: string, now: Date): Promise<{ host: Host; expiresAt: Date } | undefined> => {
    const login = await prisma.login.findUnique({
      where: { tokenHash, expiresAt: { gt: now } },
      select: { expiresAt: true, host: { select: { id: true, name: true, isOwner: true } } },
    });
    return login ?? undefined;
  },

  remove: async (tokenHash: string): Promise<void> => {
    await prisma.login.deleteMany({ where: { tokenHash } });
  },

  removeExpired: async (now: Date): Promise<void> => {
    await prisma.login.deleteMany({ where: { expiresAt: { lte: now } } });
  },
});
export type LoginsStore = ReturnType<typeof loginsStore>;
