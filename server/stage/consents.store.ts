/** Rows of consent: only ever added to; the newest of a seat is in force. */
import type { Database } from '../platform/db.ts';
import type { Consent } from './consent.ts';

export const consentsStore = ({ prisma }: Database) => ({
  append: async (seatId: string, consent: Consent, at: Date): Promise<void> => {
    const { consentId: id, recorded, published, wording, language } = consent;
    await prisma.consent.create({ data: { id, seatId, recorded, published, wording, language, at } });
  },

  /** The consent in force of every seat of a live session that has one, by seat id. */
  inForce: async (liveSessionId: string): Promise<Map<string, Consent>> => {
    const rows = await prisma.consent.findMany({ where: { seat: { liveSessionId } }, orderBy: { at: 'asc' } });
    return new Map(
      rows.map(({ seatId, id, recorded, published, wording, language }) => [
        seatId,
        { consentId: id, recorded, published, wording, language },
      ]),
    );
  },
});
export type ConsentsStore = ReturnType<typeof consentsStore>;
