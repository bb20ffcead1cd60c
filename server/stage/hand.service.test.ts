import { expect, it } from 'vitest';
import type { VisitActor } from '../people/actor.ts';
import { createLog } from '../platform/log.ts';
import type { LiveEntry } from '../room/live-registry.ts';
import type { OpenHand } from './hand.ts';
import { handService } from './hand.service.ts';
import type { HandsStore } from './hands.store.ts';
import type { SeatService } from './seat.service.ts';
import { stageBook } from './stage-book.ts';
import type { StageCast } from './stage-cast.ts';
import type { StageHub } from './stage-hub.ts';

const live = 'live';
const visit: VisitActor = {
  kind: 'visit',
  role: 'anonymous',
  identity: 'nobody.sees',
  liveSessionId: live,
  displayName: null,
};

/** Hands over rows in memory; `saving` and `giving` hold a write back until the test lets it go on. */
const house = () => {
  const clock = { now: () => new Date(0) };
  const book = stageBook(clock);
  const stage = book.open(live, false);
  const rows = new Map<string, OpenHand>();
  const gates = { saving: Promise.resolve(), giving: Promise.resolve() };
  const hands = {
    save: async (hand: OpenHand) => {
      await gates.saving;
      rows.set(hand.handId, hand);
    },
    remove: async (handId: string) => void rows.delete(handId),
  } as HandsStore;
  const seats = { give: () => gates.giving, ticketFor: async () => ({}) } as unknown as SeatService;
  const silent = { notify: () => undefined, hand: () => undefined, handGone: () => undefined };
  const cast = silent as unknown as StageCast;
  const hub = silent as unknown as StageHub;
  const service = handService({ hands, book, seats, hub, cast, clock, log: createLog({ level: 'silent' }) });
  return { service, book, stage, rows, gates };
};

it('a hand that goes up while the live session ends leaves nothing behind', async () => {
  const { service, book, rows, gates } = house();
  const gate = Promise.withResolvers<void>();
  gates.saving = gate.promise;
  const raising = service.raise(visit);
  book.close(live);
  gate.resolve();
  await expect(raising).rejects.toMatchObject({ code: 'room-not-live' });
  expect(rows.size).toBe(0);
});

it('a hand raised while the person steps up goes down with the identity that raised it', async () => {
  const { service, stage, rows, gates } = house();
  const { handId } = await service.raise(visit);
  await service.invite(live, handId, 'host');
  const giving = Promise.withResolvers<void>();
  gates.giving = giving.promise;
  const accepting = service.accept({} as LiveEntry, visit, handId, {});
  const early = await service.raise(visit);
  expect(early.state).toBe('raised');
  giving.resolve();
  await accepting;
  rows.delete(handId); // the seat's transaction does it
  expect([stage.hands.size, rows.size]).toEqual([0, 0]);
});

it('a hand lowered before it was written down leaves nothing behind', async () => {
  const { service, stage, rows, gates } = house();
  const saving = Promise.withResolvers<void>();
  gates.saving = saving.promise;
  const raising = service.raise(visit);
  await service.lower(visit, [...stage.hands.keys()][0] ?? '');
  saving.resolve();
  await expect(raising).rejects.toMatchObject({ code: 'hand-gone' });
  expect([stage.hands.size, rows.size]).toEqual([0, 0]);
});
