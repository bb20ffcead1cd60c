/**
 * Hands: how a listener whom nobody can see asks for the stage. To the moderators a hand is an alias and nothing else;
 * it becomes a person on the stage by that person's own click, under an identity that shares nothing with the old one.
 */
import { randomInt } from 'node:crypto';
import type { VisitActor } from '../people/actor.ts';
import type { Clock } from '../platform/clock.ts';
import { randomId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import { Problem } from '../problems.ts';
import type { LiveEntry } from '../room/live-registry.ts';
import type { ConsentAnswer, Ticket } from '../room/ticket.schema.ts';
import { freshAlias } from './alias.ts';
import { isOpen, stepHand } from './hand.ts';
import type { HandEvent, OpenHand } from './hand.ts';
import type { HandsStore } from './hands.store.ts';
import type { SeatService } from './seat.service.ts';
import type { SeatClaim } from './seats.store.ts';
import type { LiveStage, StageBook } from './stage-book.ts';
import type { StageCast } from './stage-cast.ts';
import type { StageHub } from './stage-hub.ts';
import type { HandView } from './stage.schema.ts';
import { handOf, handView } from './stage-view.ts';

/** How many hands may be up in one room. */
export const MAX_HANDS = 100;

/** The listening connection plays on while the stage is being entered; after this it is over in any case. */
const STEP_UP_MS = 30_000;

type Deps = {
  hands: HandsStore;
  book: StageBook;
  seats: SeatService;
  hub: StageHub;
  cast: StageCast;
  clock: Clock;
  log: Log;
};

export const handService = ({ hands, book, seats, hub, cast, clock, log }: Deps) => {
  const stageOf = (liveSessionId: string): LiveStage => {
    const stage = book.stage(liveSessionId);
    if (!stage) throw new Problem('room-not-live');
    return stage;
  };

  const handIn = (stage: LiveStage, handId: string): OpenHand => {
    const hand = stage.hands.get(handId);
    if (!hand) throw new Problem('hand-gone');
    return hand;
  };

  /** The visit's own hand; another person's looks like none. */
  const ownHand = (visit: VisitActor, handId: string): OpenHand => {
    const hand = handIn(stageOf(visit.liveSessionId), handId);
    if (hand.identity !== visit.identity) throw new Problem('hand-gone');
    return hand;
  };

  const nameFor = (stage: LiveStage, visit: VisitActor): string => {
    if (visit.role === 'listener' && visit.displayName) return visit.displayName;
    const taken = [
      ...[...stage.hands.values()].map(({ name }) => name),
      ...[...stage.seats.values()].map(({ seat }) => seat.displayName),
    ];
    return freshAlias(new Set(taken), randomInt);
  };

  /** Closes a hand: at once in the book, so that it happens once. */
  const close = (hand: OpenHand, event: HandEvent): void => {
    const next = stepHand(hand, event);
    if (next instanceof Problem) throw next;
    stageOf(hand.liveSessionId).hands.delete(hand.handId);
    cast.handGone(hand.liveSessionId, hand.handId);
  };

  const closeForGood = async (hand: OpenHand, event: HandEvent, by?: string): Promise<void> => {
    close(hand, event);
    log.info({ liveSessionId: hand.liveSessionId, handId: hand.handId, how: event.type, by }, 'hand closed');
    await hands.remove(hand.handId);
  };

  // What could not be done leaves the invitation standing.
  const reopen = (hand: OpenHand): void => {
    book.stage(hand.liveSessionId)?.hands.set(hand.handId, hand);
    cast.hand(hand);
  };

  return {
    raise: async (visit: VisitActor): Promise<HandView> => {
      const { liveSessionId, identity } = visit;
      const stage = stageOf(liveSessionId);
      if (handOf(stage, identity)) throw new Problem('hand-already-up');
      if (stage.hands.size >= MAX_HANDS) throw new Problem('too-many-hands');
      const name = nameFor(stage, visit);
      const anonymous = visit.role === 'anonymous';
      const facts = { handId: randomId(), liveSessionId, identity, name, anonymous, raisedAt: clock.now() };
      const hand: OpenHand = { ...facts, state: 'raised' };
      stage.hands.set(hand.handId, hand);
      try {
        await hands.save(hand);
      } catch (error) {
        stage.hands.delete(hand.handId);
        throw error;
      }
      // Taken down, or the live session ended, while the row was written: the row goes too.
      if (!book.stage(liveSessionId)?.hands.has(hand.handId)) {
        await hands.remove(hand.handId);
        throw new Problem(book.stage(liveSessionId) ? 'hand-gone' : 'room-not-live');
      }
      cast.hand(hand);
      log.info({ liveSessionId, handId: hand.handId }, 'hand raised');
      return handView(hand);
    },

    lower: (visit: VisitActor, handId: string): Promise<void> =>
      closeForGood(ownHand(visit, handId), { type: 'lower' }),
    decline: (visit: VisitActor, handId: string): Promise<void> =>
      closeForGood(ownHand(visit, handId), { type: 'decline' }),

    invite: async (liveSessionId: string, handId: string, by: string): Promise<HandView> => {
      const stage = stageOf(liveSessionId);
      const hand = handIn(stage, handId);
      const next = stepHand(hand, { type: 'invite', at: clock.now() });
      if (next instanceof Problem || !isOpen(next)) throw new Problem('hand-gone');
      if (next === hand) return handView(hand);
      await hands.save(next);
      // Lowered while the row was written: the row goes too.
      if (!stage.hands.has(handId)) {
        await hands.remove(handId);
        throw new Problem('hand-gone');
      }
      stage.hands.set(handId, next);
      cast.hand(next);
      hub.notify(liveSessionId, hand.identity, { kind: 'hand', hand: handView(next) });
      log.info({ liveSessionId, handId, by }, 'hand invited');
      return handView(next);
    },

    dismiss: async (liveSessionId: string, handId: string, by: string): Promise<void> => {
      const hand = handIn(stageOf(liveSessionId), handId);
      await closeForGood(hand, { type: 'dismiss' }, by);
      hub.notify(liveSessionId, hand.identity, { kind: 'hand', hand: null });
    },

    /** The person's own click: a new identity and a seat; the old identity ends when they have left it, or in 30 s. */
    accept: async (
      entry: LiveEntry,
      visit: VisitActor,
      handId: string,
      answer: { name?: string; consent?: ConsentAnswer },
    ): Promise<Ticket> => {
      const hand = ownHand(visit, handId);
      close(hand, { type: 'accept' });
      const { identity } = visit;
      const leavesBy = new Date(clock.now().getTime() + STEP_UP_MS);
      const claim: SeatClaim = { kind: 'hand', handId, identity, leavesBy };
      const displayName = answer.name ?? hand.name;
      const { consent } = answer;
      const seated = await seats
        .give({ entry, role: 'speaker', origin: 'hand', displayName, claim, consent })
        .catch((error: unknown) => {
          if (!(error instanceof Problem && error.code === 'hand-gone')) reopen(hand);
          throw error;
        });
      const stage = book.stage(visit.liveSessionId);
      stage?.removals.set(identity, leavesBy);
      const again = stage && handOf(stage, identity);
      if (again) await closeForGood(again, { type: 'lower' });
      return seats.ticketFor(entry, seated);
    },
  };
};
export type HandService = ReturnType<typeof handService>;
