/** Whose receipt a secret is, and the rows of withdrawals: what was asked for, and how far it is done. */
import type { Prisma, PrismaClient } from '../platform/prisma/client.ts';

/** The seat behind a receipt. Every receipt of a seat tells of all its answers. */
export type ReceiptSeat = {
  seatId: string;
  speaker: string;
  liveSessionId: string;
  roomTitle: string;
  hostName: string;
  answers: { recorded: boolean; published: boolean; wording: string; language: string; at: Date }[];
};

export type Withdrawal = {
  id: string;
  seatId: string;
  liveSessionId: string;
  erase: boolean;
  wording: string;
  language: string;
  askedAt: Date;
  journaledAt: Date | null;
  finishedAt: Date | null;
};

const withSeat = { include: { seat: { select: { liveSessionId: true } } } } as const;

const withdrawalOf = ({ seat, ...row }: Prisma.WithdrawalGetPayload<typeof withSeat>): Withdrawal => ({
  ...row,
  liveSessionId: seat.liveSessionId,
});

const seatFacts = {
  include: {
    consents: { orderBy: { at: 'asc' } },
    liveSession: { include: { room: { include: { host: { select: { name: true } } } } } },
  },
} as const;

export const receiptsStore = (prisma: PrismaClient) => ({
  seatOf: async (receiptHash: string): Promise<ReceiptSeat | undefined> => {
    const consent = await prisma.consent.findUnique({ where: { receiptHash }, select: { seat: seatFacts } });
    if (!consent) return undefined;
    const { id: seatId, displayName: speaker, liveSessionId, consents, liveSession } = consent.seat;
    const { title: roomTitle, host } = liveSession.room;
    // Silence is no answer: nothing was said, and nothing is to be shown
    const answers = consents.filter(({ wording }) => wording !== '');
    return { seatId, speaker, liveSessionId, roomTitle, hostName: host.name, answers };
  },

  newestWithdrawal: async (seatId: string): Promise<Withdrawal | undefined> => {
    const row = await prisma.withdrawal.findFirst({ where: { seatId }, orderBy: { askedAt: 'desc' }, ...withSeat });
    return row ? withdrawalOf(row) : undefined;
  },

  openWithdrawal: async (
    withdrawal: Pick<Withdrawal, 'id' | 'seatId' | 'erase' | 'wording' | 'language' | 'askedAt'>,
  ): Promise<Withdrawal> => withdrawalOf(await prisma.withdrawal.create({ data: withdrawal, ...withSeat })),

  journaled: async (id: string, journaledAt: Date): Promise<void> => {
    await prisma.withdrawal.update({ where: { id }, data: { journaledAt } });
  },

  finished: async (id: string, finishedAt: Date): Promise<void> => {
    await prisma.withdrawal.update({ where: { id }, data: { finishedAt } });
  },

  /** What was asked for and is not done yet, oldest first; of one live session, or of all. */
  unfinished: async (liveSessionId?: string): Promise<Withdrawal[]> => {
    const where = { finishedAt: null, ...(liveSessionId === undefined ? {} : { seat: { liveSessionId } }) };
    return (await prisma.withdrawal.findMany({ where, orderBy: { askedAt: 'asc' }, ...withSeat })).map(withdrawalOf);
  },

  /** A live session has one recording; none when nobody ordered one. */
  recordingOf: async (liveSessionId: string): Promise<{ id: string; state: string } | undefined> => {
    const where = { liveSessionId };
    return (await prisma.recording.findFirst({ where, select: { id: true, state: true } })) ?? undefined;
  },

  liveSessionOf: async (recordingId: string): Promise<string | undefined> =>
    (await prisma.recording.findUnique({ where: { id: recordingId }, select: { liveSessionId: true } }))?.liveSessionId,

  /** The public episodes of a recording, each with its cut. */
  publishedOf: async (recordingId: string) =>
    prisma.episode.findMany({
      where: { recordingId, state: 'published' },
      select: { slug: true, title: true, master: { select: { cut: true } } },
    }),
});
export type ReceiptsStore = ReturnType<typeof receiptsStore>;
