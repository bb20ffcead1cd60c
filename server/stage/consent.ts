/** What a person on the stage answered to the two questions, "recorded?" and "published?". The newest answer holds. */
import { hashSecret, randomSecret, randomUuid } from '../platform/ids.ts';
import type { ConsentAnswer } from '../room/ticket.schema.ts';

export type Consent = ConsentAnswer & { readonly consentId: string };

/** A new answer, with the hash of its receipt's secret for whoever agreed to be recorded. */
export type GivenConsent = { readonly consent: Consent; readonly receiptHash: string | null };

/** The answer as it is kept, and the receipt, which exists here and in its owner's hands only. */
export const giveConsent = (answer: ConsentAnswer): { given: GivenConsent; receipt: string | null } => {
  const receipt = answer.recorded ? randomSecret() : null;
  const consent = { consentId: randomUuid(), ...answer };
  return { given: { consent, receiptHash: receipt && hashSecret(receipt) }, receipt };
};

/**
 * Where a receipt is opened. The secret stands in the fragment, which no browser sends: it is in no log and no referrer.
 */
export const receiptUrl = (publicUrl: string, receipt: string | null): string | null =>
  receipt && `${publicUrl}/c#receipt=${receipt}`;

/**
 * Written for everybody on the stage at the moment a room is armed under their feet: they go on being heard, and
 * until they answer it counts as two noes. `und` is BCP 47 for "no language".
 */
export const silence: ConsentAnswer = { recorded: false, published: false, wording: '', language: 'und' };

/** Whether the person gave the answer themselves. */
export const isAnswered = (consent: Consent | undefined): consent is Consent =>
  consent !== undefined && consent.wording !== '';
