/** The two questions, asked before a microphone opens in an armed room; each answer is a row that is never changed. */
import type { MediaPort } from '../media/port.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { Problem } from '../problems.ts';
import { seatIdentity } from '../room/identity.ts';
import type { LiveRegistry } from '../room/live-registry.ts';
import type { ConsentAnswer } from '../room/ticket.schema.ts';
import { giveConsent, isAnswered, receiptUrl, silence } from './consent.ts';
import type { ConsentsStore } from './consents.store.ts';
import type { LiveSeat, StageBook } from './stage-book.ts';
import type { StageCast } from './stage-cast.ts';
import type { StageHub } from './stage-hub.ts';
import { consentNeeded, mayPublish } from './stage-view.ts';

/** What the recording may do with the voice of one seat. */
export type SeatConsent = {
  seatId: string;
  identity: string;
  speaker: string;
  consentId: string;
  recorded: boolean;
  published: boolean;
  wording: string;
  language: string;
};

export type Answered = { mayPublish: boolean; receiptUrl: string | null };

type Deps = {
  publicUrl: string;
  consents: ConsentsStore;
  book: StageBook;
  registry: LiveRegistry;
  media: Pick<MediaPort, 'applyGrant'>;
  hub: StageHub;
  cast: StageCast;
  clock: Clock;
  log: Log;
};

export const consentService = ({ publicUrl, consents, book, registry, media, hub, cast, clock, log }: Deps) => {
  const watchers: ((liveSessionId: string) => void)[] = [];

  const tellWatchers = (liveSessionId: string): void => {
    for (const watcher of watchers) watcher(liveSessionId);
  };

  const changed = (live: LiveSeat): void => {
    cast.seat(live);
    tellWatchers(live.seat.liveSessionId);
  };

  const record = async (live: LiveSeat, answer: ConsentAnswer): Promise<string | null> => {
    const { given, receipt } = giveConsent(answer);
    await consents.append(live.seat.seatId, given, clock.now());
    live.consent = given.consent;
    return receiptUrl(publicUrl, receipt);
  };

  const ask = (live: LiveSeat): void =>
    hub.notify(live.seat.liveSessionId, live.seat.identity, { kind: 'consentNeeded' });

  const unanswered = (liveSessionId: string): LiveSeat[] =>
    [...(book.stage(liveSessionId)?.seats.values() ?? [])].filter(({ consent }) => !isAnswered(consent));

  return {
    /**
     * Takes an answer, from now on, and opens the microphone of whoever waited for it. Says whether they may publish,
     * and the receipt of a yes.
     */
    answer: async (live: LiveSeat, answer: ConsentAnswer): Promise<Answered> => {
      const { liveSessionId, seatId, identity, displayName, role } = live.seat;
      const entry = registry.byId(liveSessionId);
      if (!entry) throw new Problem('visit-over');
      const could = mayPublish(live, entry.policy);
      const receipt = await record(live, answer);
      // Ended while the row was written: no grant for a seat that is no more.
      if (book.seatOf(identity) !== live) throw new Problem('seat-gone');
      const { recorded, published } = answer;
      log.info({ liveSessionId, seatId, consentId: live.consent?.consentId, recorded, published }, 'consent answered');
      changed(live);
      if (!could) await media.applyGrant({ role, liveSessionId, identity, displayName, mayPublish: true });
      return { mayPublish: mayPublish(live, entry.policy), receiptUrl: receipt };
    },

    /**
     * Two noes from a receipt, once: for a seat on the stage they hold from now on, for one that has ended they are
     * written down. `wording` names what was done.
     */
    withdraw: async (seatId: string, noes: Pick<ConsentAnswer, 'wording' | 'language'>): Promise<void> => {
      const answer = { recorded: false, published: false, ...noes };
      const live = book.seatOf(seatIdentity(seatId));
      const newest = live ? live.consent : await consents.newestOf(seatId);
      if (newest && !newest.recorded && newest.wording === noes.wording) return;
      if (!live) return consents.append(seatId, giveConsent(answer).given, clock.now());
      await record(live, answer);
      changed(live);
    },

    /** Asks those on the stage who have not answered yet. */
    ask: (liveSessionId: string): void => unanswered(liveSessionId).forEach(ask),

    /**
     * The room has been armed under the feet of those on the stage: they are asked, and go on being heard. Until they
     * answer their silence counts as two noes, in a row of its own.
     */
    armed: async (liveSessionId: string): Promise<void> => {
      for (const live of unanswered(liveSessionId)) {
        if (!live.consent) await record(live, silence);
        changed(live);
        ask(live);
      }
    },

    /** What holds now for each seat that has a consent row; who is missing here must not be captured. */
    consentsOf: (liveSessionId: string): SeatConsent[] =>
      [...(book.stage(liveSessionId)?.seats.values() ?? [])].flatMap(({ seat, consent }) => {
        if (!consent) return [];
        return [{ seatId: seat.seatId, identity: seat.identity, speaker: seat.displayName, ...consent }];
      }),

    /** Calls `watcher` whenever `consentsOf` a live session may answer differently. */
    onConsentChanged: (watcher: (liveSessionId: string) => void): void => {
      watchers.push(watcher);
    },
    tellWatchers,
    mayPublish: (live: LiveSeat): boolean => {
      const entry = registry.byId(live.seat.liveSessionId);
      return entry !== undefined && mayPublish(live, entry.policy);
    },
    consentNeeded: (live: LiveSeat): boolean => {
      const entry = registry.byId(live.seat.liveSessionId);
      return entry !== undefined && consentNeeded(live, entry.policy);
    },
  };
};
export type ConsentService = ReturnType<typeof consentService>;
