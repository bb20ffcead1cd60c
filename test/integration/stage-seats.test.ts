import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import { eventClient } from '../support/event-client.ts';
import type { StageHouse } from '../support/stage-house.ts';
import { openStageHouse, participant } from '../support/stage-house.ts';
import { until } from '../support/wait.ts';

let house: StageHouse;
beforeAll(async () => {
  house = await openStageHouse();
});
afterAll(() => house.close());

const occupied = (liveSessionId: string) =>
  house.database.prisma.seat.findMany({ where: { liveSessionId, state: { not: 'ended' } } });

it('a speak link used fifty times at once gives exactly one seat', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const { secret } = await house.speakSecret(slug);
  const tries = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      house.call<Ticket>('POST', `/rooms/${slug}/speak-links/redeem`, { body: { secret, name: `Guest ${index}` } }),
    ),
  );
  expect(tries.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(tries.filter(({ body }) => body.code === 'link-spent')).toHaveLength(49);
  expect(await occupied(liveSessionId)).toHaveLength(1);
});

it('a link of one room opens no stage of another, and stays unspent', async () => {
  const [first, second] = [await house.liveRoom(), await house.liveRoom()];
  const { secret } = await house.speakSecret(first.slug);
  const body = { secret, name: 'Ada' };
  expect((await house.call('POST', `/rooms/${second.slug}/speak-links/redeem`, { body })).body.code).toBe('link-spent');
  expect((await house.call('POST', `/rooms/${first.slug}/speak-links/redeem`, { body })).status).toBe(201);
});

it('thirty speakers fill a stage, and a link that found it full is not spent', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  await Promise.all(Array.from({ length: 30 }, (_, index) => house.speaker(slug, `Guest ${index}`)));
  const { secret } = await house.speakSecret(slug);
  const body = { secret, name: 'Late' };
  const late = await house.call('POST', `/rooms/${slug}/speak-links/redeem`, { body });
  expect(late.body.code).toBe('stage-full');
  expect((await house.hostTicket(slug)).role).toBe('host');
  const [somebody] = (await occupied(liveSessionId)).filter(({ role }) => role === 'speaker');
  await house.call('POST', `/rooms/${slug}/seats/${somebody?.id}/remove`, { as: 'ida' });
  expect((await house.call('POST', `/rooms/${slug}/speak-links/redeem`, { body })).status).toBe(201);
});

it('a host who asks for a seat many times at once has one, and asks again for the same', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const tickets = await Promise.all(Array.from({ length: 10 }, () => house.hostTicket(slug)));
  expect(new Set([...tickets, await house.hostTicket(slug)].map(({ identity }) => identity)).size).toBe(1);
  expect(await occupied(liveSessionId)).toHaveLength(1);
});

it('another host gets no seat in a room that is not theirs', async () => {
  const { slug } = await house.liveRoom();
  const answer = await house.call('POST', `/rooms/${slug}/host-ticket`, { as: 'otto', body: {} });
  expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
});

it('a seat follows its connection: waiting, joined, lost after two looks, joined again', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  const client = await eventClient(ada);
  const state = () => client.view().seats[0]?.state;
  expect(state()).toBe('waiting');
  house.running().stage.stage.seatBook.noteSid(ada.identity, 'PA_1');
  await until(() => state() === 'joined');
  house.look(liveSessionId, [participant(ada.identity, { sid: 'PA_1' })]);
  await until(() => client.view().seats[0]?.muted === false);
  house.look(liveSessionId, []);
  house.look(liveSessionId, []);
  await until(() => state() === 'lost');
  house.look(liveSessionId, [participant(ada.identity, { sid: 'PA_other' })]);
  house.look(liveSessionId, [participant(ada.identity, { sid: 'PA_1' })]);
  await until(() => state() === 'joined');
  await until(async () => (await occupied(liveSessionId))[0]?.participantSid === 'PA_1');
  client.close();
});

it('stepping down ends the seat before anybody is disconnected and gives a fresh listening identity', async () => {
  const { slug } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  const down = await house.call<Ticket>('POST', `/rooms/${slug}/step-down`, { as: ada });
  expect(down).toMatchObject({ status: 201, body: { role: 'anonymous', seatId: null, displayName: null } });
  expect(down.body.identity).not.toContain(ada.seatId);
  expect(house.running().stage.stage.seatBook.liveSeat(ada.identity)).toBeUndefined();
  expect(house.acts.at(-1)).toBe(`expel ${ada.identity}`);
  const again = await house.call('POST', `/rooms/${slug}/tickets/renew`, { as: ada });
  expect(again).toMatchObject({ status: 401, body: { code: 'visit-over' } });
  expect((await house.call('POST', `/rooms/${slug}/tickets/renew`, { as: down.body })).status).toBe(200);
});

it('a ticket is renewed under the same identity, on the stage and in the audience', async () => {
  const { slug } = await house.liveRoom();
  for (const ticket of [await house.speaker(slug, 'Ada'), await house.listener(slug), await house.hostTicket(slug)]) {
    const renewed = await house.call<Ticket>('POST', `/rooms/${slug}/tickets/renew`, { as: ticket });
    expect(renewed).toMatchObject({ status: 200, body: { identity: ticket.identity, role: ticket.role } });
    expect(renewed.body.socketTicket).not.toBe(ticket.socketTicket);
  }
});

it('after a restart seats, hands and removals are as they were', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  const gone = await house.speaker(slug, 'Gone');
  const listener = await house.listener(slug);
  await house.call('POST', `/rooms/${slug}/seats/${gone.seatId}/remove`, { as: 'ida' });
  await house.call('POST', `/rooms/${slug}/hands`, { as: listener });
  await house.restart();
  const { stage } = house.running();
  expect(stage.stage.seatBook.liveSeat(ada.identity)).toMatchObject({ seatId: ada.seatId, liveSessionId });
  expect(stage.stage.seatBook.liveSeat(gone.identity)).toBeUndefined();
  const host = await house.hostTicket(slug);
  const client = await eventClient(host);
  expect(client.view().seats.map(({ name }) => name)).toEqual(['Ada', 'ida']);
  expect(client.view().hands).toHaveLength(1);
  expect((await house.call('POST', `/rooms/${slug}/hands`, { as: listener })).body.code).toBe('hand-already-up');
  client.close();
});

it('ending the live session ends every seat and forgets every hand', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  const listener = await house.listener(slug);
  await house.call('POST', `/rooms/${slug}/hands`, { as: listener });
  const clients = await Promise.all([eventClient(ada), eventClient(listener)]);
  await house.call('POST', `/rooms/${slug}/live-session/end`, { as: 'ida' });
  await until(() => clients.every((client) => client.closed() === 4000));
  for (const client of clients) expect(client.frames().at(-1)).toEqual({ type: 'ended', reason: 'host' });
  expect(await occupied(liveSessionId)).toHaveLength(0);
  expect(await house.database.prisma.hand.count({ where: { liveSessionId } })).toBe(0);
  expect((await house.call('POST', `/rooms/${slug}/tickets/renew`, { as: ada })).status).toBe(401);
});

it('a start forgets the hands and removals of live sessions that are over, and of no other', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  await house.call('POST', `/rooms/${slug}/hands`, { as: await house.listener(slug) });
  const { hand, removal } = house.database.prisma;
  const left = { liveSessionId: 'over', identity: 'a listener of yesterday' };
  await hand.create({ data: { id: 'left', ...left, name: 'Amber Finch', anonymous: true, state: 'raised' } });
  await removal.createMany({ data: [left, { ...left, liveSessionId }] });
  await house.restart();
  await until(async () => (await removal.count({ where: left })) === 0);
  expect(await hand.count({ where: { liveSessionId: 'over' } })).toBe(0);
  expect(await hand.count({ where: { liveSessionId } })).toBe(1);
  expect(await removal.count({ where: { liveSessionId } })).toBe(1);
});

it('who guesses at speak links is soon told to wait', async () => {
  const strict = await openStageHouse({ settings: { TICKET_BURST: '3', TICKET_PER_MINUTE: '1' } });
  const { slug } = await strict.liveRoom();
  const guess = () =>
    strict.call('POST', `/rooms/${slug}/speak-links/redeem`, { body: { secret: 'x'.repeat(43), name: 'Eve' } });
  const answers = [await guess(), await guess(), await guess(), await guess()];
  expect(answers.map(({ status }) => status)).toEqual([410, 410, 410, 429]);
  await strict.close();
});
