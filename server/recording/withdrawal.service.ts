/**
 * Taking a voice back. Three steps, each of which may be done again, so that a server that dies in between is finished
 * by the next: the journal says so, and nothing new is made with the voice; what holds it stops being served and is
 * deleted; what is missed is made again without it, and takes its place. The first two are over before the person
 * reads "done".
 */
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { randomUuid } from '../platform/ids.ts';
import type { LiveRegistry } from '../room/live-registry.ts';
import type { JournalEntry } from './capture/journal.schema.ts';
import { readJournal } from './capture/journal.ts';
import { JOURNAL_FILE } from './capture/measure-tracks.ts';
import { eraseWithdrawn, withdrawWithoutCapture } from './capture/withdraw.ts';
import { withdrawalsIn } from './capture/withdrawals.ts';
import type { Captures } from './captures.ts';
import type { Remaking } from './remaking.ts';
import type { ReceiptsStore, Withdrawal } from './receipts.store.ts';

/** The two noes as rows of the seat, and in force at once for one that is still on the stage. */
export type WithdrawConsent = (seatId: string, words: { wording: string; language: string }) => Promise<void>;

export type WithdrawalDeps = {
  receipts: ReceiptsStore;
  remaking: Remaking;
  captures: Pick<Captures, 'adopt' | 'ensure'>;
  registry: Pick<LiveRegistry, 'byId'>;
  withdrawConsent: WithdrawConsent;
  recordingsDir: string;
  clock: Clock;
  log: FastifyBaseLogger;
};

export type WithdrawalOrder = { erase: boolean; wording: string; language: string };

/** One after another for each key. */
const inOrder = () => {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const next = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, next);
    const forget = (): void => void (last.get(key) === next && last.delete(key));
    next.then(forget, forget);
    return next;
  };
};

/** The takes in whose mixes was heard what was captured under this seat's withdrawn consents. */
const takesHolding = (seatId: string, entries: readonly JournalEntry[]): Set<string> => {
  const { covered } = withdrawalsIn(entries);
  const opened = entries.filter((entry) => entry.type === 'trackOpened').filter((entry) => entry.seatId === seatId);
  const held = opened.filter(({ consentId, published }) => published && covered.has(consentId));
  return new Set(held.map(({ takeId }) => takeId));
};

export const withdrawalService = (deps: WithdrawalDeps) => {
  const { receipts, remaking, captures, registry, log } = deps;
  /** By live session: two who take their voices back at once would write one journal at once, and undo each other's lines. */
  const taking = inOrder();

  /** While a capture lives only it may write its journal; of a live session there is always one to be had. */
  const capture = (owner: { recordingId: string; liveSessionId: string }, state: string) =>
    state === 'open' && registry.byId(owner.liveSessionId) ? captures.ensure(owner) : captures.adopt(owner);

  const note = async (withdrawal: Withdrawal, recording: { id: string; state: string } | undefined): Promise<Date> => {
    await deps.withdrawConsent(withdrawal.seatId, withdrawal);
    if (recording) {
      const owner = { recordingId: recording.id, liveSessionId: withdrawal.liveSessionId };
      const living = await capture(owner, recording.state);
      if (living) await living.withdraw(withdrawal.seatId, withdrawal.erase);
      else
        await withdrawWithoutCapture(join(deps.recordingsDir, recording.id), {
          ...withdrawal,
          atMs: deps.clock.now().getTime(),
        });
    }
    const journaledAt = deps.clock.now();
    await receipts.journaled(withdrawal.id, journaledAt);
    return journaledAt;
  };

  const take = async (withdrawal: Withdrawal): Promise<void> => {
    const recording = await receipts.recordingOf(withdrawal.liveSessionId);
    const until = withdrawal.journaledAt ?? (await note(withdrawal, recording));
    if (!recording) return receipts.finished(withdrawal.id, deps.clock.now());
    const dir = join(deps.recordingsDir, recording.id);
    const { entries } = await readJournal(join(dir, JOURNAL_FILE));
    await eraseWithdrawn(dir, entries);
    await remaking.without(recording.id, takesHolding(withdrawal.seatId, entries), until);
    const { seatId, id: withdrawalId } = withdrawal;
    log.info({ recordingId: recording.id, seatId, withdrawalId, erase: withdrawal.erase }, 'voice withdrawn');
    await remaking.goOn(recording.id, withdrawal.liveSessionId);
  };

  return {
    /**
     * Takes the voice of a seat out of everything, once, however often it is asked for; a yes given afterwards can be
     * taken back again. Nothing with the voice is served any more when this returns.
     */
    withdraw: (
      { seatId, liveSessionId }: Pick<Withdrawal, 'seatId' | 'liveSessionId'>,
      order: WithdrawalOrder,
      lastYesAt: Date | undefined,
    ): Promise<void> =>
      taking(liveSessionId, async () => {
        const known = await receipts.newestWithdrawal(seatId);
        const covers = known && known.erase >= order.erase && (!lastYesAt || lastYesAt <= known.askedAt);
        if (covers && known.finishedAt) return;
        const asked = { id: randomUuid(), seatId, ...order, askedAt: deps.clock.now() };
        await take(covers ? known : await receipts.openWithdrawal(asked));
      }),

    /** When a render of a recording is over, before the next one begins. */
    afterRender: async (recordingId: string): Promise<void> => {
      const liveSessionId = await receipts.liveSessionOf(recordingId);
      if (liveSessionId === undefined) return;
      await taking(liveSessionId, () => remaking.goOn(recordingId, liveSessionId, true));
    },

    /** After a start: whatever a dead server left undone. What holds a withdrawn voice is gone when this returns. */
    resume: async (): Promise<void> => {
      const nowMs = Date.now();
      for (const withdrawal of await receipts.unfinished()) {
        const { id: withdrawalId, liveSessionId } = withdrawal;
        const goOn = async (): Promise<void> => {
          const recording = await receipts.recordingOf(liveSessionId);
          if (recording) await remaking.clearNameless(recording.id, nowMs);
          await take(withdrawal);
        };
        await taking(liveSessionId, goOn).catch((error: unknown) =>
          log.error({ err: error, withdrawalId }, 'a withdrawal is not done'),
        );
      }
    },
  };
};
export type WithdrawalService = ReturnType<typeof withdrawalService>;
