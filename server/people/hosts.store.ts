import type { Database } from '../platform/db.ts';
import { randomUuid } from '../platform/ids.ts';
import { isUniqueViolation } from '../platform/unique.ts';
import { Problem } from '../problems.ts';

export type Host = { id: string; name: string; isOwner: boolean };
export type NewHost = { name: string; passwordHash: string; isOwner: boolean };

const columns = { id: true, name: true, isOwner: true } as const;

const orNameTaken = (error: unknown): never => {
  throw isUniqueViolation(error) ? new Problem('name-taken', { cause: error }) : error;
};

/** Host accounts, and the one-time link that makes the first of them. */
export const hostsStore = ({ prisma }: Database) => ({
  count: (): Promise<number> => prisma.host.count(),
  list: (): Promise<Host[]> => prisma.host.findMany({ select: columns, orderBy: { createdAt: 'asc' } }),
  byName: (name: string) => prisma.host.findUnique({ where: { name }, select: { ...columns, passwordHash: true } }),

  /** Throws `name-taken`. */
  create: (host: NewHost): Promise<Host> =>
    prisma.host.create({ data: { id: randomUuid(), ...host }, select: columns }).catch(orNameTaken),

  /** Also ends every login of the host; false when there is no such host. */
  setPassword: (name: string, passwordHash: string): Promise<boolean> =>
    prisma.$transaction(async (transaction) => {
      const { count } = await transaction.host.updateMany({ where: { name }, data: { passwordHash } });
      await transaction.login.deleteMany({ where: { host: { name } } });
      return count === 1;
    }),

  /** Replaces every set-up link that was not used. */
  putSetupLink: async (secretHash: string, expiresAt: Date): Promise<void> => {
    await prisma.$transaction([
      prisma.setupLink.deleteMany({ where: { usedAt: null } }),
      prisma.setupLink.create({ data: { secretHash, expiresAt } }),
    ]);
  },

  isSetupLinkOpen: async (secretHash: string, now: Date): Promise<boolean> =>
    (await prisma.setupLink.count({ where: { secretHash, usedAt: null, expiresAt: { gt: now } } })) === 1,

  /** Spends the link and makes the owner, or does neither; undefined when the link is spent. Throws `name-taken`. */
  createOwner: (secretHash: string, host: Omit<NewHost, 'isOwner'>, now: Date): Promise<Host | undefined> =>
    prisma
      .$transaction(async (transaction) => {
        // Whoever comes second waits for the row and then finds it used.
        const { count } = await transaction.setupLink.updateMany({
          where: { secretHash, usedAt: null, expiresAt: { gt: now } },
          data: { usedAt: now },
        });
        // A host made on the command line meanwhile is the owner: there is one.
        if (count !== 1 || (await transaction.host.count()) > 0) return undefined;
        return transaction.host.create({ data: { id: randomUuid(), ...host, isOwner: true }, select: columns });
      })
      .catch(orNameTaken),
});
export type HostsStore = ReturnType<typeof hostsStore>;
