import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, freeUdpPort } from '../../scripts/services/ports.ts';
import { startLivekit } from '../../scripts/services/livekit.ts';
import { resolveLivekit } from '../../scripts/toolchain/livekit.ts';
import type { MediaRole } from '../../server/media/port.ts';
import type { MediaHouse } from '../support/media-house.ts';
import { startMediaHouse } from '../support/media-house.ts';
import { services } from '../support/services.ts';
import type { Signal } from '../support/signal.ts';
import { startSignal } from '../support/signal.ts';
import { until } from '../support/wait.ts';

let house: MediaHouse;
beforeAll(async () => {
  house = await startMediaHouse(services());
});
afterAll(() => house.stop());

/** Joins LiveKit past the gateway, as only somebody with the raw key could. */
const intrude = async (liveSessionId: string, identity: string, role: MediaRole): Promise<Signal> => {
  const token = await house.token(liveSessionId, identity, role);
  const signal = await startSignal({ mediaUrl: services().livekitUrl, token, query: 'protocol=16' });
  await signal.first('join');
  return signal;
};
const enter = async (liveSessionId: string, identity: string, role: MediaRole, mayPublish = true): Promise<Signal> => {
  const token = await house.token(liveSessionId, identity, role, mayPublish);
  const signal = await startSignal({ mediaUrl: house.mediaUrl, token, query: 'protocol=16' });
  await signal.first('join');
  return signal;
};
/** Milliseconds until LiveKit has sent somebody away. */
const outAfter = async (signal: Signal): Promise<number> => {
  const startedAt = performance.now();
  await signal.first('leave');
  return performance.now() - startedAt;
};
const booksOf = (liveSessionId: string) => house.books.filter((one) => one.liveSessionId === liveSessionId);

describe('evicted within five seconds', () => {
  it('whoever was minted with the raw key: no tag, no row', async () => {
    const liveSessionId = await house.openSession();
    const mine = await enter(liveSessionId, house.audience(liveSessionId), 'anonymous');
    const strangers = await Promise.all(
      (['anonymous', 'speaker', 'recorder'] as const).map((role) => intrude(liveSessionId, `stranger-${role}`, role)),
    );
    for (const ms of await Promise.all(strangers.map(outAfter))) expect(ms).toBeLessThan(5000);
    expect(booksOf(liveSessionId).some((books) => !books.balanced)).toBe(true);
    await until(() => booksOf(liveSessionId).at(-1)?.balanced);
    expect(booksOf(liveSessionId).at(-1)?.listeners).toBe(1);
    expect(mine.answers.some((answer) => answer.case === 'leave')).toBe(false);
    await mine.leave();
  });

  it('an admitted identity with another grant than its role', async () => {
    const liveSessionId = await house.openSession();
    const identity = house.audience(liveSessionId);
    expect(await outAfter(await intrude(liveSessionId, identity, 'speaker'))).toBeLessThan(5000);
    const seat = house.seat(liveSessionId);
    expect(await outAfter(await intrude(liveSessionId, seat, 'anonymous'))).toBeLessThan(5000);
  });

  it('a copy of a seated identity, which throws the seated one out and takes another connection', async () => {
    const liveSessionId = await house.openSession();
    const identity = house.seat(liveSessionId);
    const mine = await enter(liveSessionId, identity, 'speaker');
    expect(await outAfter(await intrude(liveSessionId, identity, 'speaker'))).toBeLessThan(5000);
    expect((await mine.first('leave')).reason).toBe(2);
    const back = await enter(liveSessionId, identity, 'speaker');
    await until(() =>
      booksOf(liveSessionId)
        .at(-1)
        ?.participants.some((one) => one.identity === identity),
    );
    expect(back.answers.some((answer) => answer.case === 'leave')).toBe(false);
    await back.leave();
  });

  it('a seat that has ended, even when nobody told LiveKit', async () => {
    const liveSessionId = await house.openSession();
    const identity = house.seat(liveSessionId);
    const mine = await enter(liveSessionId, identity, 'speaker');
    house.seats.delete(identity);
    expect(await outAfter(mine)).toBeLessThan(5000);
  });
});

describe('mended', () => {
  it('a right to publish that LiveKit has not heard of, both ways', async () => {
    const liveSessionId = await house.openSession();
    const identity = house.seat(liveSessionId, { mayPublish: false });
    const mine = await enter(liveSessionId, identity, 'speaker', false);
    const mayPublish = async () => (await house.media.listParticipants(liveSessionId))[0]?.canPublish;
    expect(await until(async () => (await mayPublish()) === false)).toBe(true);
    const seat = house.seats.get(identity)!;
    house.seats.set(identity, { ...seat, mayPublish: true });
    await until(mayPublish);
    house.seats.set(identity, { ...seat, mayPublish: false });
    await until(async () => (await mayPublish()) === false);
    expect(mine.answers.some((answer) => answer.case === 'leave')).toBe(false);
    await mine.leave();
  });
});

it('the recorder of the house stays, and is no listener', async () => {
  const liveSessionId = await house.openSession();
  house.recorders.add('rec_house');
  const recorder = await intrude(liveSessionId, 'rec_house', 'recorder');
  const listener = await enter(liveSessionId, house.audience(liveSessionId, 'listener'), 'listener');
  const books = await until(() => booksOf(liveSessionId).find(({ participants }) => participants.length === 2));
  expect(books).toMatchObject({ listeners: 1, balanced: true });
  for (const signal of [recorder, listener]) await signal.leave();
});

it('a LiveKit that comes back gets the rooms of all live sessions at once, and says so once', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'loggia-livekit-'));
  const { path: bin } = await resolveLivekit({ bin: process.env['LIVEKIT_BIN'], say: () => {} });
  const keys = { apiKey: 'key', apiSecret: 'a secret of at least thirty-two characters' };
  const order = { bin, dir, port: await freePort(), udpPort: await freeUdpPort(), nodeIp: '127.0.0.1', ...keys };
  const first = await startLivekit(order);
  const own = await startMediaHouse({
    livekitUrl: first.url,
    livekitApiKey: keys.apiKey,
    livekitApiSecret: keys.apiSecret,
  });
  const liveSessionIds = [await own.openSession(), await own.openSession()];
  await first.stop();
  await until(() => own.lines.some((line) => line.includes('fails; trying on')), { what: 'the outage noticed' });
  const second = await startLivekit(order);
  const backAt = performance.now();
  await until(async () => {
    const rooms = await own.media.listRooms();
    return liveSessionIds.every((liveSessionId) => rooms.includes(liveSessionId));
  });
  expect(performance.now() - backAt).toBeLessThan(2000);
  const failures = own.lines.filter((line) => line.includes('fails; trying on'));
  expect(failures.length).toBeLessThanOrEqual(2);
  await own.stop();
  await second.stop();
  await rm(dir, { recursive: true, force: true });
});
