import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { HandView } from '../../server/stage/stage.schema.ts';
import { eventClient } from '../support/event-client.ts';
import type { StageHouse } from '../support/stage-house.ts';
import { openStageHouse, participant } from '../support/stage-house.ts';
import { until } from '../support/wait.ts';

let house: StageHouse;
beforeAll(async () => {
  house = await openStageHouse();
});
afterAll(() => house.close());

const raise = async (slug: string, as: Ticket): Promise<HandView> =>
  (await house.call<HandView>('POST', `/rooms/${slug}/hands`, { as })).body;
const answer = (slug: string, hand: HandView, verb: string, as: Ticket | string, body?: unknown) =>
  house.call<Ticket>('POST', `/rooms/${slug}/hands/${hand.handId}/${verb}`, { as, body });

it('a raised hand becomes a seat by the own click alone, under an identity that shares nothing with the old one', async () => {
  const { slug } = await house.liveRoom();
  const listener = await house.listener(slug);
  const [host, client] = [await eventClient(await house.hostTicket(slug)), await eventClient(listener)];
  const hand = await raise(slug, listener);
  expect(hand).toMatchObject({ anonymous: true, state: 'raised' });
  await until(() => host.view().hands.length === 1);
  expect((await answer(slug, hand, 'accept', listener, {})).body.code).toBe('not-invited');

  expect((await answer(slug, hand, 'invite', 'ida')).body).toMatchObject({ state: 'invited' });
  await until(() => client.notices().some((notice) => notice.kind === 'hand' && notice.hand?.state === 'invited'));
  expect((await answer(slug, hand, 'accept', 'ida', {})).body.code).toBe('not-allowed');

  const stepped = await answer(slug, hand, 'accept', listener, {});
  expect(stepped).toMatchObject({ status: 201, body: { role: 'speaker', displayName: hand.name, mayPublish: true } });
  const [random, tag] = listener.identity.split('.') as [string, string];
  const told = JSON.stringify(stepped.body);
  for (const old of [random, tag, listener.visitSecret]) expect(told).not.toContain(old);
  await until(() => host.view().hands.length === 0 && host.view().seats.some(({ name }) => name === hand.name));
  host.close();
  client.close();
});

it('nobody answers an invitation in the place of another', async () => {
  const { slug } = await house.liveRoom();
  const [listener, stranger] = [await house.listener(slug), await house.listener(slug)];
  const hand = await raise(slug, listener);
  await answer(slug, hand, 'invite', 'ida');
  expect((await answer(slug, hand, 'accept', stranger, {})).body.code).toBe('hand-gone');
  expect((await answer(slug, hand, 'decline', stranger)).body.code).toBe('hand-gone');
  expect((await house.call('DELETE', `/rooms/${slug}/hands/${hand.handId}`, { as: stranger })).status).toBe(410);
  expect((await answer(slug, hand, 'accept', listener, {})).status).toBe(201);
});

it('twenty clicks on one invitation, and two invitations at once, give one seat', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const listener = await house.listener(slug);
  const hand = await raise(slug, listener);
  await Promise.all([answer(slug, hand, 'invite', 'ida'), answer(slug, hand, 'invite', 'ida')]);
  const clicks = await Promise.all(Array.from({ length: 20 }, () => answer(slug, hand, 'accept', listener, {})));
  expect(clicks.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(await house.database.prisma.seat.count({ where: { liveSessionId } })).toBe(1);
});

it('the listening identity stays until the seat has joined, and is worth nothing afterwards', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const listener = await house.listener(slug);
  const client = await eventClient(listener);
  const hand = await raise(slug, listener);
  await answer(slug, hand, 'invite', 'ida');
  const seat = (await answer(slug, hand, 'accept', listener, {})).body;
  const { stage } = house.running().stage;
  expect(stage.removals.isRemoved(liveSessionId, listener.identity)).toBe(false);
  expect(client.closed()).toBeUndefined();
  // It still listens, but asks for nothing any more.
  expect((await house.call('POST', `/rooms/${slug}/hands`, { as: listener })).body.code).toBe('visit-over');
  house.look(liveSessionId, [participant(seat.identity, { open: false })]);
  expect(stage.removals.isRemoved(liveSessionId, listener.identity)).toBe(true);
  await until(() => client.closed() === 4003);
});

it('a listener who accepted and never arrived is out after thirty seconds', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const listener = await house.listener(slug);
  const client = await eventClient(listener);
  const hand = await raise(slug, listener);
  await answer(slug, hand, 'invite', 'ida');
  await answer(slug, hand, 'accept', listener, {});
  const { stage } = house.running().stage;
  house.pass(29_000);
  house.look(liveSessionId, []);
  expect(stage.removals.isRemoved(liveSessionId, listener.identity)).toBe(false);
  house.pass(1000);
  expect(stage.removals.isRemoved(liveSessionId, listener.identity)).toBe(true);
  house.look(liveSessionId, []);
  await until(() => client.closed() === 4003);
});

it('each hand of one visit has a fresh alias, and no two open hands share one', async () => {
  const { slug } = await house.liveRoom();
  const listeners = await Promise.all(Array.from({ length: 20 }, () => house.listener(slug)));
  const hands = await Promise.all(listeners.map((listener) => raise(slug, listener)));
  expect(new Set(hands.map(({ name }) => name)).size).toBe(20);
  const [listener] = listeners as [Ticket];
  const names = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    const [first] = hands as [HandView];
    await house.call('DELETE', `/rooms/${slug}/hands/${first.handId}`, { as: listener });
    hands[0] = await raise(slug, listener);
    names.add(hands[0].name);
  }
  expect(names.size).toBeGreaterThan(1);
});

it('a visit has one hand up, a room a hundred, and a named listener raises theirs under their name', async () => {
  const { slug } = await house.liveRoom({ anonymousListening: false });
  const listener = await house.listener(slug, 'Berta');
  expect(await raise(slug, listener)).toMatchObject({ name: 'Berta', anonymous: false });
  expect((await house.call('POST', `/rooms/${slug}/hands`, { as: listener })).body.code).toBe('hand-already-up');
  const others = await Promise.all(Array.from({ length: 100 }, (_, index) => house.listener(slug, `Guest ${index}`)));
  const raised = await Promise.all(others.map((as) => house.call('POST', `/rooms/${slug}/hands`, { as })));
  expect(raised.filter(({ status }) => status === 201)).toHaveLength(99);
  expect(raised.find(({ status }) => status !== 201)?.body.code).toBe('too-many-hands');
});

it('hands stand in the order in which they went up, and a dismissed one is told to its owner alone', async () => {
  const { slug } = await house.liveRoom();
  const listeners = await Promise.all(Array.from({ length: 5 }, () => house.listener(slug)));
  const hands: HandView[] = [];
  for (const listener of listeners) {
    house.pass(10);
    hands.push(await raise(slug, listener));
  }
  const host = await eventClient(await house.hostTicket(slug));
  expect(host.view().hands.map(({ handId }) => handId)).toEqual(hands.map(({ handId }) => handId));
  const clients = await Promise.all(listeners.map((listener) => eventClient(listener)));
  expect(clients[2]?.you()?.hand?.handId).toBe(hands[2]?.handId);
  await answer(slug, hands[2]!, 'dismiss', 'ida');
  await until(() => clients[2]?.notices().some((notice) => notice.kind === 'hand' && notice.hand === null));
  expect(clients.flatMap((client) => client.notices())).toHaveLength(1);
  await until(() => host.view().hands.length === 4);
  for (const client of [host, ...clients]) client.close();
});

it('a full stage leaves the invitation standing', async () => {
  const { slug } = await house.liveRoom();
  const speakers = await Promise.all(Array.from({ length: 30 }, (_, index) => house.speaker(slug, `Guest ${index}`)));
  const listener = await house.listener(slug);
  const hand = await raise(slug, listener);
  await answer(slug, hand, 'invite', 'ida');
  expect((await answer(slug, hand, 'accept', listener, {})).body.code).toBe('stage-full');
  await house.call('POST', `/rooms/${slug}/step-down`, { as: speakers[0]! });
  expect((await answer(slug, hand, 'accept', listener, { name: 'Cleo' })).body.displayName).toBe('Cleo');
});

it('no frame, no log line and no seat row holds a listening identity', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const listeners = await Promise.all(Array.from({ length: 5 }, () => house.listener(slug)));
  const clients = [
    await eventClient(await house.hostTicket(slug)),
    await eventClient(await house.speaker(slug, 'Ada')),
    ...(await Promise.all(listeners.map((listener) => eventClient(listener)))),
  ];
  for (const listener of listeners) {
    const hand = await raise(slug, listener);
    await answer(slug, hand, 'invite', 'ida');
    await answer(slug, hand, 'accept', listener, {});
  }
  house.look(liveSessionId, [], 25);
  house.pass(31_000);
  house.look(liveSessionId, [], 25);
  await until(() => clients[0]?.view().listeners?.atLeast === 20);
  await until(() => clients[0]?.view().seats.length === 7);
  const rows = JSON.stringify(await house.database.prisma.seat.findMany({ where: { liveSessionId } }));
  const heard = [...clients.flatMap((client) => client.texts), ...house.logged, rows].join('\n');
  for (const { identity } of listeners) {
    for (const part of identity.split('.')) expect(heard).not.toContain(part);
  }
  for (const client of clients) client.close();
});

it('the audience is told nothing of hands, not even that a number was used', async () => {
  const { slug } = await house.liveRoom();
  const listener = await house.listener(slug);
  const [host, client] = [
    await eventClient(await house.hostTicket(slug)),
    await eventClient(await house.listener(slug)),
  ];
  const before = client.seq();
  await raise(slug, listener);
  await until(() => host.view().hands.length === 1);
  const ada = await house.speaker(slug, 'Ada');
  await until(() => client.view().seats.some(({ seatId }) => seatId === ada.seatId));
  expect(client.seq()).toBe(before + 1);
  expect(client.view().hands).toEqual([]);
  host.close();
  client.close();
});
