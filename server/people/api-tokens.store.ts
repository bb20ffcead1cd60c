import type { Database } from '../platform/db.ts';
import { randomUuid } from '../platform/ids.ts';
import type { Host } from './hosts.store.ts';
import type { Scope } from './scopes.ts';
import { scopesSchema } from './scopes.ts';

export type NewApiToken = {
  hostId: string;
  name: string;
  tokenHash: string;
  scopes: readonly Scope[];
  expiresAt: Date;
};

const touchEveryMs = 60 * 60 * 1000;

/** API tokens, by their hash. */
export const apiTokensStore = ({ prisma }: Database) => ({
  create: async (token: NewApiToken): Promise<void> => {
    await prisma.apiToken.create({ data: { id: randomUuid(), ...token, scopes: [...token.scopes] } });
  },

  /** The host of a token that is neither expired nor revoked, when it expires, and what it may do. */
  hostOf: async (
    tokenHash: string,
    now: Date,
  ): Promise<{ host: Host; scopes: Scope[]; expiresAt: Date } | undefined> => {
    const token = await prisma.apiToken.findUnique({
      where: { tokenHash, revokedAt: null, expiresAt: { gt: now } },
      select: {
        ...{ id: true, scopes: true, lastUsedAt: true, expiresAt: true },
        host: { select: { id: true, name: true, isOwner: true } },
      },
    });
    if (!token) return undefined;
    if (!token.lastUsedAt || now.getTime() - token.lastUsedAt.getTime() > touchEveryMs) {
      await prisma.apiToken.updateMany({ where: { id: token.id }, data: { lastUsedAt: now } });
    }
    return { host: token.host, scopes: scopesSchema.parse(token.scopes), expiresAt: token.expiresAt };
  },
});
export type ApiTokensStore = ReturnType<typeof apiTokensStore>;
