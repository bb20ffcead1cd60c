import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { livekitMedia } from '../../server/media/livekit.ts';
import type { MediaPort, MediaRole } from '../../server/media/port.ts';
import { randomId } from '../../server/platform/ids.ts';
import { services } from '../support/services.ts';
import type { Signal } from '../support/signal.ts';
import { startSignal } from '../support/signal.ts';
import { until } from '../support/wait.ts';

const given = services();
const keys = { apiKey: given.livekitApiKey, apiSecret: given.livekitApiSecret };
let media: MediaPort;
let liveSessionId: string;
const signals: Signal[] = [];

beforeAll(async () => {
  media = livekitMedia({ url: given.livekitUrl, ...keys });
  liveSessionId = randomId();
  await media.openRoom(liveSessionId);
});
afterAll(async () => {
  for (const signal of signals) signal.socket.terminate();
  await media.closeRoom(liveSessionId);
});

const tokenFor = (role: MediaRole, identity: string, mayPublish = true, ttlSeconds = 120): Promise<string> =>
  media.issueToken({ role, liveSessionId, identity, mayPublish, ttlSeconds });

/** Joins LiveKit itself, past the gateway. */
const join = async (role: MediaRole, identity: string, mayPublish = true): Promise<Signal> => {
  const token = await tokenFor(role, identity, mayPublish);
  const signal = await startSignal({ mediaUrl: given.livekitUrl.replace(/^http/, 'ws'), token, query: 'protocol=16' });
  signals.push(signal);
  await signal.first('join');
  return signal;
};
const participant = async (identity: string) =>
  (await media.listParticipants(liveSessionId)).find((one) => one.identity === identity);

const payloadOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

const unseen = {
  roomJoin: true,
  hidden: true,
  recorder: false,
  agent: false,
  canPublish: false,
  canPublishData: false,
  canPublishSources: [],
  canSubscribe: true,
  canUpdateOwnMetadata: false,
};
const onStage = { ...unseen, hidden: false, canPublish: true, canPublishSources: ['microphone'] };
const ROLES = [
  ['host', onStage],
  ['moderator', onStage],
  ['speaker', onStage],
  ['listener', unseen],
  ['anonymous', unseen],
  ['recorder', { ...unseen, recorder: true }],
] as const;

describe('tokens', () => {
  it.each(ROLES)("a %s's token carries the role's grant with every flag, and nothing else", async (role, grant) => {
    const { iss, sub, nbf, exp, ...rest } = payloadOf(await tokenFor(role, 'somebody'));
    expect(rest).toEqual({ video: { ...grant, room: liveSessionId } });
    expect({ iss, sub }).toEqual({ iss: keys.apiKey, sub: 'somebody' });
    // A clock that is set back by an hour, or two, lets its owner in all the same
    expect(Number(exp) - Number(nbf)).toBe(7_200 + 120);
  });

  it('a token that would live for ever, or for six hours by mistake, is not made', async () => {
    for (const ttl of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(async () => tokenFor('anonymous', 'x', false, ttl)).rejects.toThrow(RangeError);
  });

  it.each(ROLES)("LiveKit's own refreshed token of a %s reads the same as ours", async (role) => {
    const identity = randomId();
    const signal = await join(role, identity);
    const [ours, refreshed] = await Promise.all([
      tokenFor(role, identity).then(media.verifyToken),
      signal.first('refreshToken').then(media.verifyToken),
    ]);
    expect(refreshed?.grant).toEqual(ours?.grant);
    expect(refreshed?.identity).toBe(identity);
    expect(refreshed!.expiresAtMs - Date.now()).toBeGreaterThan(500_000);
  });

  it('another key, another text and an expired token are not verified', async () => {
    const stranger = livekitMedia({ url: given.livekitUrl, apiKey: keys.apiKey, apiSecret: 'x'.repeat(40) });
    const order = { role: 'anonymous', liveSessionId, identity: 'x', mayPublish: false, ttlSeconds: 60 } as const;
    expect(await media.verifyToken(await stranger.issueToken(order))).toBeUndefined();
    for (const text of ['', 'x', 'a.b.c']) expect(await media.verifyToken(text)).toBeUndefined();
  });
});

describe('grants on a real LiveKit', () => {
  it('a listener cannot publish, a speaker can', async () => {
    const track = { case: 'addTrack', value: { cid: 'mic', name: 'mic', type: 0, source: 2 } } as never;
    const [listener, speaker] = await Promise.all([join('anonymous', randomId()), join('speaker', randomId())]);
    listener.send(track);
    speaker.send(track);
    expect(await speaker.first('trackPublished')).toMatchObject({ cid: 'mic' });
    expect(await listener.first('requestResponse')).toMatchObject({ reason: 2 });
    expect(listener.answers.some((answer) => answer.case === 'trackPublished')).toBe(false);
  });

  it.each(ROLES)('a %s looks in the list as the role says', async (role, grant) => {
    const identity = randomId();
    await join(role, identity);
    const { hidden, recorder, agent, canPublish, canPublishData, canSubscribe } = grant;
    const flags = { hidden, recorder, agent, canPublish, canPublishData, canSubscribe };
    expect(await until(() => participant(identity))).toMatchObject(flags);
  });

  it('a changed right changes nothing else, and reaches the refreshed token', async () => {
    const identity = randomId();
    const signal = await join('speaker', identity, false);
    const before = await until(() => participant(identity));
    expect(before.canPublish).toBe(false);
    await signal.first('refreshToken');
    signal.answers.length = 0;
    await media.applyGrant({ role: 'speaker', liveSessionId, identity, mayPublish: true });
    expect(await until(async () => (await participant(identity))?.canPublish && participant(identity))).toEqual({
      ...before,
      canPublish: true,
    });
    const refreshed = await media.verifyToken(await signal.first('refreshToken'));
    expect(refreshed?.grant).toEqual((await media.verifyToken(await tokenFor('speaker', identity)))?.grant);
  });
});

describe('the port', () => {
  it('rooms can be opened twice and closed twice', async () => {
    const name = randomId();
    await media.openRoom(name);
    await media.openRoom(name);
    expect(await media.listRooms()).toContain(name);
    await media.closeRoom(name);
    await media.closeRoom(name);
    expect(await media.listRooms()).not.toContain(name);
    expect(await media.listParticipants(name)).toEqual([]);
  });

  it('somebody who is not there can be removed, muted and changed', async () => {
    for (const room of [liveSessionId, 'no-such-room']) {
      await media.remove(room, 'nobody');
      await media.mute(room, 'nobody');
      await media.applyGrant({ role: 'speaker', liveSessionId: room, identity: 'nobody', mayPublish: true });
    }
  });

  it('is healthy when LiveKit answers', async () => {
    expect(await media.isHealthy()).toBe(true);
    const nowhere = livekitMedia({ url: 'ws://127.0.0.1:1', ...keys });
    expect(await nowhere.isHealthy()).toBe(false);
    await expect(nowhere.remove('x', 'y')).rejects.toMatchObject({ code: 'media-unavailable' });
  });

  it('does not wait longer than two seconds for a LiveKit that says nothing', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const stuck = livekitMedia({ url: `ws://127.0.0.1:${port}`, ...keys });
    const startedAt = performance.now();
    const answers = await Promise.allSettled([stuck.openRoom('x'), stuck.listRooms(), stuck.remove('x', 'y')]);
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'media-unavailable' } });
    expect(await stuck.isHealthy()).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    silent.close();
  });
});
