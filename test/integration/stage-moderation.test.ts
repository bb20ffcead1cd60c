import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealVisit } from '../../server/room/visit.ts';
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

const onSeat = (slug: string, seat: Ticket, verb: 'mute' | 'remove', as: Ticket | string) =>
  house.call('POST', `/rooms/${slug}/seats/${seat.seatId}/${verb}`, { as });

/** A seat that was made moderator; how one becomes it is another story. */
const moderator = async (slug: string): Promise<Ticket> => {
  const ticket = await house.speaker(slug, 'Mo');
  await house.database.prisma.seat.update({ where: { id: ticket.seatId! }, data: { role: 'moderator' } });
  await house.restart();
  const { liveSessionId, identity, displayName } = ticket;
  const visit = { liveSessionId, role: 'moderator', identity, displayName } as const;
  return { ...ticket, role: 'moderator', visitSecret: sealVisit(house.config.admissionSecret, visit) };
};

it("a removed seat's visit, tickets and identity never return", async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  const spare = (await house.call<Ticket>('POST', `/rooms/${slug}/tickets/renew`, { as: ada })).body;
  const client = await eventClient(ada);
  expect((await onSeat(slug, ada, 'remove', 'ida')).status).toBe(204);
  expect(house.acts.at(-1)).toBe(`expel ${ada.identity}`);
  await until(() => client.closed() === 4001);
  expect(client.notices()).toContainEqual({ kind: 'removed' });
  for (const path of ['tickets/renew', 'step-down']) {
    const answer = await house.call('POST', `/rooms/${slug}/${path}`, { as: ada });
    expect(answer).toMatchObject({ status: 401, body: { code: 'visit-over' } });
  }
  expect((await eventClient(spare)).closed()).toBe(4002);
  await house.restart();
  const { seatBook } = house.running().stage.stage;
  seatBook.noteSid(ada.identity, 'PA_again');
  house.look(liveSessionId, [participant(ada.identity)]);
  expect(seatBook.liveSeat(ada.identity)).toBeUndefined();
  expect((await onSeat(slug, ada, 'remove', 'ida')).body.code).toBe('seat-gone');
});

it('a mute by the host is seen by all, told to the person, and lifted by the person alone', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  const [client, other] = [await eventClient(ada), await eventClient(await house.listener(slug))];
  house.look(liveSessionId, [participant(ada.identity)]);
  await until(() => other.view().seats[0]?.muted === false);
  expect((await onSeat(slug, ada, 'mute', 'ida')).status).toBe(204);
  expect(house.acts.at(-1)).toBe(`mute ${ada.identity}`);
  await until(() => other.view().seats[0]?.mutedByModerator);
  expect(client.notices()).toEqual([{ kind: 'muted' }]);
  // A look that began before the mute still shows the microphone open.
  house.look(liveSessionId, [participant(ada.identity)]);
  house.pass(2000);
  house.look(liveSessionId, [participant(ada.identity, { open: false })]);
  expect(other.view().seats[0]).toMatchObject({ muted: true, mutedByModerator: true });
  house.pass(2000);
  house.look(liveSessionId, [participant(ada.identity)]);
  await until(() => other.view().seats[0]?.mutedByModerator === false);
  expect(other.view().seats[0]?.muted).toBe(false);
  client.close();
  other.close();
});

it('moderators cannot touch the host or each other, and speakers and listeners nobody', async () => {
  const { slug } = await house.liveRoom();
  const [host, ada] = [await house.hostTicket(slug), await house.speaker(slug, 'Ada')];
  const [first, second] = [await moderator(slug), await moderator(slug)];
  const listener = await house.listener(slug);
  for (const verb of ['mute', 'remove'] as const) {
    for (const target of [host, second])
      expect((await onSeat(slug, target, verb, first)).body.code).toBe('not-allowed');
    for (const anybody of [ada, listener, 'otto'])
      expect((await onSeat(slug, first, verb, anybody)).body.code).toBe('not-allowed');
  }
  expect((await onSeat(slug, ada, 'mute', first)).status).toBe(204);
  expect((await onSeat(slug, ada, 'remove', first)).status).toBe(204);
  expect((await onSeat(slug, second, 'remove', host)).status).toBe(204);
  expect((await onSeat(slug, host, 'remove', 'ida')).body.code).toBe('not-allowed');
});

it('a moderator of one room has no power in another', async () => {
  const [own, other] = [await house.liveRoom(), await house.liveRoom()];
  const mo = await moderator(own.slug);
  const ada = await house.speaker(other.slug, 'Ada');
  expect((await onSeat(other.slug, ada, 'remove', mo)).body.code).toBe('not-allowed');
  expect((await onSeat(own.slug, ada, 'remove', mo)).body.code).toBe('seat-gone');
});

it('a link that is taken back takes its seat with it', async () => {
  const { slug } = await house.liveRoom();
  const { id, secret } = await house.speakSecret(slug);
  const body = { secret, name: 'Ada' };
  const ada = (await house.call<Ticket>('POST', `/rooms/${slug}/speak-links/redeem`, { body })).body;
  const client = await eventClient(ada);
  await house.call('DELETE', `/rooms/${slug}/speak-links/${id}`, { as: 'ida' });
  await until(() => client.closed() === 4001);
  expect(house.running().stage.stage.seatBook.liveSeat(ada.identity)).toBeUndefined();
  const row = await house.database.prisma.seat.findUniqueOrThrow({ where: { id: ada.seatId! } });
  expect(row).toMatchObject({ state: 'ended', endReason: 'takenOver' });
});

it('twenty removals of one seat end it once', async () => {
  const { slug } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  const answers = await Promise.all(Array.from({ length: 20 }, () => onSeat(slug, ada, 'remove', 'ida')));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.code === 'seat-gone')).toHaveLength(19);
});
