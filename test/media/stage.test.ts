/** The stage on a real LiveKit, through the gateway: what people do in the media room is what everybody sees of them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { TestApp } from '../support/app.ts';
import { startTestApp } from '../support/app.ts';
import type { Bot } from '../support/bot.ts';
import { startBot } from '../support/bot.ts';
import { eventClient } from '../support/event-client.ts';
import { ask, makeHost, makeRoom } from '../support/hosts.ts';
import type { TestHost } from '../support/hosts.ts';
import { until } from '../support/wait.ts';

let app: TestApp;
let ida: TestHost;
const bots: Bot[] = [];

beforeAll(async () => {
  app = await startTestApp();
  ida = await makeHost(app, 'Ida');
});
afterAll(async () => {
  await Promise.all(bots.splice(0).map((bot) => bot.leave()));
  await app.stop();
});

const enter = async ({ mediaUrl, mediaToken }: Ticket): Promise<Bot> => {
  const bot = await startBot({ mediaUrl, token: mediaToken });
  bots.push(bot);
  return bot;
};
const leave = async (bot: Bot): Promise<void> => {
  bots.splice(bots.indexOf(bot), 1);
  await bot.leave();
};

/** A live room with the host's event stream open, and ways to act in it. */
const stage = async () => {
  const { slug } = await makeRoom(app, ida);
  const room = `/api/v1/rooms/${slug}`;
  const asHost = (path: string, body?: object) => ask(app, 'POST', `${room}${path}`, { token: ida.token, body });
  const as = (ticket: Ticket, path: string, body?: object) =>
    ask(app, 'POST', `${room}${path}`, { visit: ticket.visitSecret, body });
  const host = await eventClient((await asHost('/host-ticket', {})).body);
  const seatOf = ({ seatId }: Ticket) => host.view().seats.find((seat) => seat.seatId === seatId);
  const speaker = async (name: string): Promise<Ticket> => {
    const secret = new URL((await asHost('/speak-links', { label: name })).body.url).hash.replace('#speak=', '');
    return (await ask(app, 'POST', `${room}/speak-links/redeem`, { body: { secret, name } })).body;
  };
  const listener = async (): Promise<Ticket> => (await ask(app, 'POST', `${room}/tickets`, { body: {} })).body;
  return { host, asHost, as, seatOf, speaker, listener };
};

it('from the audience to the stage by a second connection, and the listening identity is worth nothing after', async () => {
  const { host, asHost, as, seatOf, listener } = await stage();
  const ticket = await listener();
  const ear = await enter(ticket);
  const hand = (await as(ticket, '/hands')).body;
  await asHost(`/hands/${hand.handId}/invite`);
  const seat: Ticket = (await as(ticket, `/hands/${hand.handId}/accept`, {})).body;
  const voice = await enter(seat);
  expect(ear.disconnected()).toBeUndefined();
  await leave(ear);
  await voice.publish();
  await until(() => seatOf(seat)?.state === 'joined' && !seatOf(seat)?.muted);
  expect(seatOf(seat)?.name).toBe(hand.name);
  await expect(startBot({ mediaUrl: ticket.mediaUrl, token: ticket.mediaToken, timeoutMs: 5000 })).rejects.toThrow();
  await until(() => host.view().booksBalance === true);
  await leave(voice);
  await until(() => seatOf(seat)?.state === 'lost');
  host.close();
});

it('a muted speaker is silent until they open the microphone themselves; a removed one never comes back', async () => {
  const { host, asHost, as, seatOf, speaker } = await stage();
  const ada = await speaker('Ada');
  const voice = await enter(ada);
  await voice.publish();
  await until(() => seatOf(ada)?.muted === false);
  expect((await asHost(`/seats/${ada.seatId}/mute`)).status).toBe(204);
  await until(() => seatOf(ada)?.mutedByModerator && seatOf(ada)?.muted);
  await voice.mute(true);
  await voice.mute(false);
  await until(() => seatOf(ada)?.mutedByModerator === false && seatOf(ada)?.muted === false);

  const spare: Ticket = (await as(ada, '/tickets/renew')).body;
  expect((await asHost(`/seats/${ada.seatId}/remove`)).status).toBe(204);
  await until(() => voice.disconnected() !== undefined);
  await until(() => seatOf(ada) === undefined);
  for (const { mediaUrl, mediaToken } of [ada, spare])
    await expect(startBot({ mediaUrl, token: mediaToken, timeoutMs: 5000 })).rejects.toThrow();
  await leave(voice);
  host.close();
});
