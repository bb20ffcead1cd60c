import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import type { HandView } from '../../server/stage/stage.schema.ts';
import type { EventClient } from '../support/event-client.ts';
import { eventClient } from '../support/event-client.ts';
import type { StageHouse } from '../support/stage-house.ts';
import { openStageHouse, participant } from '../support/stage-house.ts';
import { until } from '../support/wait.ts';

let house: StageHouse;
beforeAll(async () => {
  house = await openStageHouse();
});
afterAll(() => house.close());

const renamed = (slug: string, title: string) => house.call('PATCH', `/rooms/${slug}`, { as: 'ida', body: { title } });

const closeCode = async (client: EventClient, send: string | Buffer): Promise<number | undefined> => {
  client.socket.send(send);
  await until(() => client.closed() !== undefined);
  return client.closed();
};

it('a socket ticket opens one socket, for thirty seconds, in its own room', async () => {
  const [own, other] = [await house.liveRoom(), await house.liveRoom()];
  const ticket = await house.listener(own.slug);
  const client = await eventClient(ticket);
  expect(client.view()).toMatchObject({ roomSlug: own.slug, title: 'The square', seats: [], hands: [] });
  expect(client.you()).toEqual({ role: 'anonymous', seatId: null, hand: null, answer: null, consentNeeded: false });
  expect((await eventClient(ticket)).closed()).toBe(4002);
  const late = await house.listener(own.slug);
  house.pass(30_000);
  expect((await eventClient(late)).closed()).toBe(4002);
  const stray = await house.listener(own.slug);
  const elsewhere = { ...stray, socketUrl: stray.socketUrl.replace(own.slug, other.slug) };
  expect((await eventClient(elsewhere)).closed()).toBe(4002);
  const none = { ...stray, socketTicket: 'none' };
  expect((await eventClient(none)).closed()).toBe(4002);
  expect((await eventClient(none, { protocols: ['loggia.v1'] })).closed()).toBe(4002);
  client.close();
});

it('a page of another site gets no socket, whatever ticket it holds', async () => {
  const { slug } = await house.liveRoom();
  const ticket = await house.listener(slug);
  await expect(eventClient(ticket, { origin: 'https://elsewhere.example' })).rejects.toThrow('403');
  const client = await eventClient(ticket, { origin: new URL(house.config.publicUrl).origin });
  expect(client.snapshot()).toBeDefined();
  client.close();
});

it('a second socket of the same visit takes over from the first', async () => {
  const { slug } = await house.liveRoom();
  const ticket = await house.listener(slug);
  const first = await eventClient(ticket);
  const renewed = (await house.call<Ticket>('POST', `/rooms/${slug}/tickets/renew`, { as: ticket })).body;
  const second = await eventClient(renewed);
  await until(() => first.closed() === 4003);
  await renamed(slug, 'Renamed');
  await until(() => second.view().title === 'Renamed');
  second.close();
});

it('a client that loses frames resumes with no change missed and none applied twice', async () => {
  const { slug } = await house.liveRoom();
  const [steady, shaky] = [
    await eventClient(await house.listener(slug)),
    await eventClient(await house.listener(slug)),
  ];
  for (let round = 0; round < 12; round += 1) {
    if (round % 3 === 1) shaky.lose(2);
    const ada = await house.speaker(slug, `Guest ${round}`);
    await until(() => steady.view().seats.some(({ seatId }) => seatId === ada.seatId));
    if (round % 4 !== 3) continue;
    await house.call('POST', `/rooms/${slug}/step-down`, { as: ada });
    await until(() => !steady.view().seats.some(({ seatId }) => seatId === ada.seatId));
  }
  shaky.lose(0);
  await renamed(slug, 'The end');
  await until(() => steady.view().title === 'The end' && shaky.view().title === 'The end');
  expect(shaky.view()).toEqual(steady.view());
  expect(shaky.applied).toEqual(Array.from(shaky.applied, (_, index) => shaky.applied[0]! + index));
  expect(shaky.frames().filter(({ type }) => type === 'snapshot')).toHaveLength(1);
  steady.close();
  shaky.close();
});

it('numbers of another epoch, or too old ones, are answered by a snapshot', async () => {
  const { slug } = await house.liveRoom();
  const client = await eventClient(await house.listener(slug));
  const before = client.snapshot();
  client.socket.send(JSON.stringify({ type: 'resume', epoch: 'another', seq: 0 }));
  await until(() => client.frames().filter(({ type }) => type === 'snapshot').length === 2);
  expect(client.snapshot()).toEqual(before);
  await house.restart();
  await until(() => client.closed() === 1012);
  const again = await eventClient(await house.listener(slug));
  expect(again.snapshot()?.epoch).not.toBe(before?.epoch);
  again.close();
});

it('what a client may not send closes its socket', async () => {
  const { slug } = await house.liveRoom();
  const client = async () => eventClient(await house.listener(slug));
  expect(await closeCode(await client(), 'no json')).toBe(1008);
  expect(await closeCode(await client(), JSON.stringify({ type: 'mute', seatId: 'x' }))).toBe(1008);
  expect(await closeCode(await client(), Buffer.from([1, 2, 3]))).toBe(1008);
  expect(await closeCode(await client(), JSON.stringify({ type: 'ping', fill: 'x'.repeat(20_000) }))).toBe(1009);
  const hasty = await client();
  for (let sent = 0; sent < 60; sent += 1) hasty.socket.send(JSON.stringify({ type: 'ping' }));
  await until(() => hasty.closed() === 1008);
  const polite = await client();
  polite.socket.send(JSON.stringify({ type: 'ping' }));
  await until(() => polite.frames().some(({ type }) => type === 'pong'));
  polite.close();
});

it('many changes within one tick travel in one frame', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const seats = await Promise.all(Array.from({ length: 8 }, (_, index) => house.speaker(slug, `Guest ${index}`)));
  const client = await eventClient(await house.listener(slug));
  const before = client.seq();
  house.look(
    liveSessionId,
    seats.map(({ identity }) => participant(identity)),
  );
  house.look(
    liveSessionId,
    seats.map(({ identity }) => participant(identity, { open: false })),
  );
  await until(() => client.seq() > before);
  const last = client.frames().at(-1);
  expect(last?.type === 'delta' && last.changes).toHaveLength(8);
  expect(client.view().seats.every(({ state, muted }) => state === 'joined' && muted)).toBe(true);
  client.close();
});

it('the number of listeners is shown coarsely, late, and not at all where the room wants none', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const clients = [await eventClient(await house.hostTicket(slug)), await eventClient(await house.listener(slug))];
  house.look(liveSessionId, [], 57);
  house.pass(29_000);
  house.look(liveSessionId, [], 57);
  expect(clients.map((client) => client.view().listeners)).toEqual([{ atLeast: 0 }, { atLeast: 0 }]);
  house.pass(1000);
  house.look(liveSessionId, [], 57);
  await until(() => clients.every((client) => client.view().listeners?.atLeast === 50));
  expect(clients.map((client) => client.view().booksBalance)).toEqual([true, null]);
  const card = await house.call<{ live: { listeners: unknown } }>('GET', `/rooms/${slug}`);
  expect(card.body.live.listeners).toEqual({ atLeast: 50 });
  await house.call('PATCH', `/rooms/${slug}`, { as: 'ida', body: { policy: { publishNumber: false } } });
  await until(() => clients.every((client) => client.view().listeners === null));
  for (const client of clients) client.close();
});

/** Opens a socket by hand and never reads after the handshake. */
const deafSocket = async (ticket: Ticket) => {
  const { hostname, port, pathname } = new URL(ticket.socketUrl);
  const socket = connect({ host: hostname, port: Number(port) });
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(
    [
      `GET ${pathname} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      `Sec-WebSocket-Protocol: loggia.v1, ticket.${ticket.socketTicket}`,
      '\r\n',
    ].join('\r\n'),
  );
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return { socket, gone };
};

it('a reader that stalls is ended, and nobody else waits for it', async () => {
  const { slug, liveSessionId } = await house.liveRoom();
  const healthy = await eventClient(await house.listener(slug));
  const { socket } = await deafSocket(await house.listener(slug));
  const { hub } = house.running().stage;
  const open = () => house.running().app.websocketServer.clients;
  const isBehind = () => [...open()].some(({ bufferedAmount }) => bufferedAmount > 256 * 1024);
  const both = open().size;
  const topic = 'x'.repeat(400_000);
  const delays: number[] = [];
  const tell = async (title: string): Promise<void> => {
    const before = healthy.seq();
    const sentMs = performance.now();
    hub.change(liveSessionId, { kind: 'policy', title, topic, recordingArmed: false });
    await until(() => healthy.seq() > before, { everyMs: 2 });
    delays.push(performance.now() - sentMs);
  };
  // First the system's own buffers fill, then ours; one frame later this reader counts as behind.
  while (!isBehind()) await tell('filling');
  await tell('one more');
  await tell('and one');
  expect(open().size).toBe(both);
  house.pass(10_001);
  await until(() => open().size === both - 1);
  await tell('after');
  expect(delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.95)]).toBeLessThan(500);
  expect(healthy.frames().filter(({ type }) => type === 'snapshot')).toHaveLength(1);
  socket.destroy();
  healthy.close();
});

it('two listeners see the same bytes', async () => {
  const { slug } = await house.liveRoom();
  const clients = [await eventClient(await house.listener(slug)), await eventClient(await house.listener(slug))];
  const raiser = await house.listener(slug);
  await house.call<HandView>('POST', `/rooms/${slug}/hands`, { as: raiser });
  await house.speaker(slug, 'Ada');
  await renamed(slug, 'Renamed');
  await until(() => clients.every((client) => client.view().title === 'Renamed'));
  const [first, second] = clients.map((client) => client.texts) as [string[], string[]];
  expect(first).toEqual(second);
  for (const client of clients) client.close();
});

it('a plain request to the event stream finds nothing', async () => {
  const { slug } = await house.liveRoom();
  expect((await house.call('GET', `/rooms/${slug}/events`)).status).toBe(404);
  const socket = new WebSocket(`${house.config.publicUrl.replace('http', 'ws')}/api/v1/rooms/nowhere/events`, [
    'loggia.v1',
  ]);
  const code = await new Promise((resolve) => socket.once('close', resolve));
  expect(code).toBe(4002);
});
