/** Rows of consent: only ever added to; the newest of a seat is in force. */
import type { Database } from '../platform/db.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { Consent, GivenConsent } from './consent.ts';

type ConsentRow = Prisma.ConsentGetPayload<object>;

const consentOf = ({ id, recorded, published, wording, language }: ConsentRow): Consent => ({
  consentId: id,
  recorded,
  published,
  wording,
  language,
});

export const consentsStore = ({ prisma }: Database) => ({
  append: async (seatId: string, { consent, receiptHash }: GivenConsent, at: Date): Promise<void> => {
    const { consentId: id, recorded, published, wording, language } = consent;
    await prisma.consent.create({ data: { id, seatId, recorded, published, wording, language, receiptHash, at } });
  },

  newestOf: async (seatId: string): Promise<Consent | undefined> => {
    const row = await prisma.consent.findFirst({ where: { seatId }, orderBy: { at: 'desc' } });
    return row ? consentOf(row) : undefined;
  },

  /** The consent in force of every seat of a live session that has one, by seat id. */
  inForce: async (liveSessionId: string): Promise<Map<string, Consent>> => {
    const rows = await prisma.consent.findMany({ where: { seat: { liveSessionId } }, orderBy: { at: 'asc' } });
    return new Map(rows.map((row) => [row.seatId, consentOf(row)]));
  },
});
export type ConsentsStore = ReturnType<typeof consentsStore>;
