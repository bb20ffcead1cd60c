/** What a person on the stage answered to the two questions, "recorded?" and "published?". The newest answer holds. */
import type { ConsentAnswer } from '../room/ticket.schema.ts';

export type Consent = ConsentAnswer & { readonly consentId: string };

/**
 * Written for everybody on the stage at the moment a room is armed under their feet: they go on being heard, and
 * until they answer it counts as two noes. `und` is BCP 47 for "no language".
 */
export const silence: ConsentAnswer = { recorded: false, published: false, wording: '', language: 'und' };

/** Whether the person gave the answer themselves. */
export const isAnswered = (consent: Consent | undefined): consent is Consent =>
  consent !== undefined && consent.wording !== '';
