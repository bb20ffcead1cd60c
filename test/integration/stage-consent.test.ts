import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashSecret } from '../../server/platform/ids.ts';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import { eventClient } from '../support/event-client.ts';
import { DARK_LIGHT } from '../../server/stage/stage.schema.ts';
import type { StageHouse } from '../support/stage-house.ts';
import { no, openStageHouse, yes } from '../support/stage-house.ts';
import { until } from '../support/wait.ts';

let house: StageHouse;
beforeAll(async () => {
  house = await openStageHouse();
});
afterAll(() => house.close());

const consentsOf = (liveSessionId: string) => house.running().stage.consentsOf(liveSessionId);
const mayPublish = (ticket: Ticket) => house.running().stage.stage.seatBook.liveSeat(ticket.identity)?.mayPublish;
const reply = (slug: string, as: Ticket, body: unknown) =>
  house.call<{ mayPublish: boolean; receiptUrl: string | null }>('POST', `/rooms/${slug}/consent`, { as, body });

it('in an armed room the microphone opens after an answer, yes or no, and not before', async () => {
  const { slug, liveSessionId } = await house.liveRoom({ recordingArmed: true });
  for (const answer of [yes, no]) {
    const ada = await house.speaker(slug, 'Ada');
    expect(ada).toMatchObject({ mayPublish: false, consentNeeded: true });
    expect(mayPublish(ada)).toBe(false);
    const client = await eventClient(ada);
    expect(client.you()?.consentNeeded).toBe(true);
    expect((await reply(slug, ada, answer)).body).toMatchObject({ mayPublish: true });
    expect(house.acts.at(-1)).toBe(`grant ${ada.identity} true`);
    expect(mayPublish(ada)).toBe(true);
    const seat = () => client.view().seats.find(({ seatId }) => seatId === ada.seatId);
    await until(() => seat()?.recorded === answer.recorded);
    const own = consentsOf(liveSessionId).find(({ seatId }) => seatId === ada.seatId);
    expect(own).toMatchObject({ speaker: 'Ada', recorded: answer.recorded, published: answer.published });
    client.close();
  }
});

it('an answer given at the door, by link, by host or by hand, opens the microphone at once', async () => {
  const { slug, liveSessionId } = await house.liveRoom({ recordingArmed: true });
  const listener = await house.listener(slug);
  const hand = (await house.call<{ handId: string }>('POST', `/rooms/${slug}/hands`, { as: listener })).body;
  await house.call('POST', `/rooms/${slug}/hands/${hand.handId}/invite`, { as: 'ida' });
  const path = `/rooms/${slug}/hands/${hand.handId}/accept`;
  const stepped = (await house.call<Ticket>('POST', path, { as: listener, body: { consent: no } })).body;
  const tickets = [await house.speaker(slug, 'Ada', yes), await house.hostTicket(slug, yes), stepped];
  for (const ticket of tickets) expect(ticket).toMatchObject({ mayPublish: true, consentNeeded: false });
  expect(consentsOf(liveSessionId).map(({ recorded }) => recorded)).toEqual([false, true, true]);
});

it('every yes has a receipt of its own, told once: the row holds its hash, and no log line its secret', async () => {
  const { slug } = await house.liveRoom({ recordingArmed: true });
  const listener = await house.listener(slug);
  const hand = (await house.call<{ handId: string }>('POST', `/rooms/${slug}/hands`, { as: listener })).body;
  await house.call('POST', `/rooms/${slug}/hands/${hand.handId}/invite`, { as: 'ida' });
  const path = `/rooms/${slug}/hands/${hand.handId}/accept`;
  const stepped = (await house.call<Ticket>('POST', path, { as: listener, body: { consent: yes } })).body;
  const tickets = [await house.speaker(slug, 'Ada', yes), await house.hostTicket(slug, yes), stepped];
  const again = (await reply(slug, tickets[0]!, { ...yes, published: false })).body;
  const urls = [...tickets, again].map(({ receiptUrl }) => receiptUrl!);
  const secrets = urls.map((url) => new URL(url).hash.replace('#receipt=', ''));
  expect(urls.map((url) => url.split('#')[0])).toEqual(urls.map(() => `${house.config.publicUrl}/c`));
  expect(new Set(secrets).size).toBe(4);
  for (const secret of secrets) {
    expect(Buffer.from(secret, 'base64url').length).toBeGreaterThanOrEqual(16);
    const row = await house.database.prisma.consent.findUnique({ where: { receiptHash: hashSecret(secret) } });
    expect(row).toMatchObject({ recorded: true, wording: yes.wording, language: yes.language });
    expect(house.logged.join('')).not.toContain(secret);
  }
  const renewed = await house.call<Ticket>('POST', `/rooms/${slug}/tickets/renew`, { as: tickets[0]! });
  expect(renewed.body.receiptUrl).toBeNull();
});

it('a no has no receipt', async () => {
  const { slug } = await house.liveRoom({ recordingArmed: true });
  const ada = await house.speaker(slug, 'Ada', no);
  expect(ada.receiptUrl).toBeNull();
  expect((await reply(slug, ada, no)).body.receiptUrl).toBeNull();
});

it('whoever comes back finds their own two answers, and changes them from then on', async () => {
  const { slug, liveSessionId } = await house.liveRoom({ recordingArmed: true });
  const ada = await house.speaker(slug, 'Ada');
  const unanswered = await eventClient(ada);
  expect(unanswered.you()?.answer).toBeNull();
  unanswered.close();
  await reply(slug, ada, yes);
  await reply(slug, ada, { ...yes, published: false });
  const renewed = await house.call<Ticket>('POST', `/rooms/${slug}/tickets/renew`, { as: ada });
  const client = await eventClient(renewed.body);
  expect(client.you()?.answer).toEqual({ recorded: true, published: false });
  await reply(slug, ada, no);
  await until(() => client.view().seats.find(({ seatId }) => seatId === ada.seatId)?.recorded === false);
  expect(consentsOf(liveSessionId)).toMatchObject([{ recorded: false, published: false }]);
  client.close();
});

it('answers are rows that are added to and never changed; the newest holds, also after a restart', async () => {
  const { slug, liveSessionId } = await house.liveRoom({ recordingArmed: true });
  const ada = await house.speaker(slug, 'Ada', yes);
  const heard: string[] = [];
  house.running().stage.onConsentChanged((id) => heard.push(id));
  house.pass(1000);
  await reply(slug, ada, { ...yes, published: false });
  house.pass(1000);
  await reply(slug, ada, no);
  expect(heard).toEqual([liveSessionId, liveSessionId]);
  const rows = await house.database.prisma.consent.findMany({
    where: { seatId: ada.seatId! },
    orderBy: { at: 'asc' },
  });
  expect(rows.map(({ recorded, published }) => [recorded, published])).toEqual([
    [true, true],
    [true, false],
    [false, false],
  ]);
  await house.restart();
  expect(consentsOf(liveSessionId)).toMatchObject([{ seatId: ada.seatId, recorded: false, consentId: rows[2]?.id }]);
});

it('those on stage when a room is armed are asked, go on being heard, and count as declined until they answer', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const ada = await house.speaker(slug, 'Ada');
  expect(ada).toMatchObject({ mayPublish: true, consentNeeded: false });
  const client = await eventClient(ada);
  await house.call('PATCH', `/rooms/${slug}`, { as: 'ida', body: { policy: { recordingArmed: true } } });
  await until(() => client.notices().some(({ kind }) => kind === 'consentNeeded'));
  await until(() => client.view().recordingArmed);
  expect(mayPublish(ada)).toBe(true);
  expect(consentsOf(liveSessionId)).toMatchObject([{ seatId: ada.seatId, recorded: false, published: false }]);
  expect(client.view().seats[0]?.recorded).toBeNull();
  await house.restart();
  expect(mayPublish(ada)).toBe(true);
  expect(await house.speaker(slug, 'Bo')).toMatchObject({ mayPublish: false, consentNeeded: true });
  await reply(slug, ada, yes);
  expect(consentsOf(liveSessionId)).toMatchObject([{ seatId: ada.seatId, recorded: true, published: true }]);
  client.close();
});

it('who has not answered is asked again when a take starts, and nobody else', async () => {
  const { slug, liveSessionId } = await house.liveRoom({ recordingArmed: true });
  const [ada, bo] = [
    await eventClient(await house.speaker(slug, 'Ada')),
    await eventClient(await house.speaker(slug, 'Bo', no)),
  ];
  const { setRecordingLight } = house.running().stage;
  setRecordingLight(liveSessionId, { ...DARK_LIGHT, state: 'starting', recordingId: 'r', takeOrdinal: 1 });
  await until(() => ada.notices().length === 1 && bo.view().recording.state === 'starting');
  expect([ada.notices(), bo.notices()]).toEqual([[{ kind: 'consentNeeded' }], []]);
  ada.close();
  bo.close();
});

it('the red light reaches everybody, and the card', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const client = await eventClient(await house.listener(slug));
  const since = new Date(0).toISOString();
  house
    .running()
    .stage.setRecordingLight(liveSessionId, { ...DARK_LIGHT, state: 'on', recordingId: 'r', takeOrdinal: 1, since });
  await until(() => client.view().recording.state === 'on');
  const card = await house.call<{ live: { recording: boolean } }>('GET', `/rooms/${slug}`);
  expect(card.body.live.recording).toBe(true);
  client.close();
});
