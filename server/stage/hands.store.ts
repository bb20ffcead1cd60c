/**
 * Rows of open hands and of removals, both in UNLOGGED tables: the copy of what is in memory that another instance
 * and the next start read. Nothing of them outlives the live session.
 */
import type { Database } from '../platform/db.ts';
import type { HandFacts, OpenHand } from './hand.ts';

export const handsStore = ({ prisma }: Database) => ({
  /** Writes an open hand, also one whose row was lost with a crash of Postgres. */
  save: async (hand: OpenHand): Promise<void> => {
    const { handId: id, liveSessionId, identity, name, anonymous, state, raisedAt } = hand;
    const moving = { state, invitedAt: hand.state === 'invited' ? hand.invitedAt : null };
    const create = { id, liveSessionId, identity, name, anonymous, raisedAt, ...moving };
    await prisma.hand.upsert({ where: { id }, create, update: moving });
  },

  remove: async (handId: string): Promise<void> => {
    await prisma.hand.deleteMany({ where: { id: handId } });
  },

  /** The open hands in the order in which they went up. */
  open: async (liveSessionId: string): Promise<OpenHand[]> => {
    const rows = await prisma.hand.findMany({
      where: { liveSessionId },
      orderBy: [{ raisedAt: 'asc' }, { id: 'asc' }],
    });
    return rows.map(({ id, identity, name, anonymous, raisedAt, invitedAt }) => {
      const facts: HandFacts = { handId: id, liveSessionId, identity, name, anonymous, raisedAt };
      return invitedAt ? { ...facts, state: 'invited', invitedAt } : { ...facts, state: 'raised' };
    });
  },

  /** From `at` on this identity is admitted nowhere. */
  removeIdentity: async (liveSessionId: string, identity: string, at: Date): Promise<void> => {
    await prisma.removal.upsert({
      where: { liveSessionId_identity: { liveSessionId, identity } },
      create: { liveSessionId, identity, at },
      update: { at },
    });
  },

  /** Identities that are, or will be, removed, with the moment from which. */
  removals: async (liveSessionId: string): Promise<Map<string, Date>> => {
    const rows = await prisma.removal.findMany({ where: { liveSessionId } });
    return new Map(rows.map(({ identity, at }) => [identity, at]));
  },

  /** Forgets what live sessions have left that are over: a server may die, or lose Postgres, while it ends one. */
  clearEnded: async (): Promise<void> => {
    await prisma.$executeRaw`
      DELETE FROM hand WHERE live_session_id NOT IN (SELECT id FROM live_session WHERE state = 'live')`;
    await prisma.$executeRaw`
      DELETE FROM removal WHERE live_session_id NOT IN (SELECT id FROM live_session WHERE state = 'live')`;
  },

  clear: async (liveSessionId: string): Promise<void> => {
    await prisma.$transaction([
      prisma.hand.deleteMany({ where: { liveSessionId } }),
      prisma.removal.deleteMany({ where: { liveSessionId } }),
    ]);
  },
});
export type HandsStore = ReturnType<typeof handsStore>;
