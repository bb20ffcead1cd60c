import { JoinResponse, ParticipantInfo, Room, SignalRequest, SignalResponse } from '@livekit/protocol';
import { AccessToken, TrackSource } from 'livekit-server-sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { randomId } from '../../server/platform/ids.ts';
import type { FakeLivekit } from '../support/fake-livekit.ts';
import { startFakeLivekit } from '../support/fake-livekit.ts';
import type { MediaHouse } from '../support/media-house.ts';
import { startMediaHouse } from '../support/media-house.ts';
import { startSignal, upgradeStatus } from '../support/signal.ts';
import { until } from '../support/wait.ts';

const keys = { livekitApiKey: 'key', livekitApiSecret: 'a secret of at least thirty-two characters' };

let livekit: FakeLivekit;
let house: MediaHouse;

beforeEach(async () => {
  livekit = await startFakeLivekit();
  house = await startMediaHouse({ livekitUrl: livekit.url, ...keys });
});
afterEach(async () => {
  await house.stop();
  await livekit.stop();
});

const session = (): string => {
  const liveSessionId = randomId();
  house.live.add(liveSessionId);
  return liveSessionId;
};
const listener = async () => {
  const liveSessionId = session();
  const identity = house.audience(liveSessionId);
  return { liveSessionId, identity, token: await house.token(liveSessionId, identity, 'anonymous') };
};
const join = (sid = 'PA_1'): Buffer => {
  const value = new JoinResponse({ room: new Room({ numParticipants: 9 }), participant: new ParticipantInfo({ sid }) });
  return Buffer.from(new SignalResponse({ message: { case: 'join', value } }).toBinary());
};
/** A listener whose bridge to LiveKit's socket stands. */
const connected = async () => {
  const who = await listener();
  const signal = await startSignal({ mediaUrl: house.mediaUrl, token: who.token });
  const upstream = await until(() => livekit.sockets.at(-1));
  return { ...who, signal, upstream };
};
/** A token signed with the key of the house that the house itself would never make. */
const rawToken = (liveSessionId: string, identity: string, grant: object, ttl = 120): Promise<string> => {
  const token = new AccessToken(keys.livekitApiKey, keys.livekitApiSecret, { identity, ttl });
  const listens = { hidden: true, canPublish: false, canPublishData: false, canUpdateOwnMetadata: false };
  token.addGrant({ roomJoin: true, room: liveSessionId, canSubscribe: true, ...listens, ...grant });
  return token.toJwt();
};
const statusOf = (path: string, headers?: Record<string, string>): Promise<number> =>
  upgradeStatus(`${house.mediaUrl}${path}`, headers);

describe('the request that reaches LiveKit', () => {
  it('is made from nothing: exact path, listed parameters, the token, no header of the client', async () => {
    const { token } = await listener();
    await startSignal({
      mediaUrl: house.mediaUrl,
      token,
      query: 'protocol=17&sdk=js&version=2.23.0&auto_subscribe=1&os=Linux&browser=Firefox&device_model=Phone',
      headers: { 'user-agent': 'Mozilla', cookie: 'a=b', 'x-forwarded-for': '203.0.113.5', 'accept-language': 'it' },
    });
    const [request] = livekit.requests;
    expect(request?.url).toBe('/rtc?protocol=17&sdk=js&version=2.23.0&auto_subscribe=1');
    const { 'sec-websocket-key': _key, ...headers } = request?.headers ?? {};
    expect(headers).toEqual({
      'sec-websocket-version': '13',
      connection: 'Upgrade',
      upgrade: 'websocket',
      authorization: `Bearer ${token}`,
      host: new URL(livekit.url).host,
    });
  });

  it('is the same for a token in the header', async () => {
    const { token } = await listener();
    expect(await statusOf('/rtc', { authorization: `Bearer ${token}` })).toBe(101);
    expect(livekit.requests.map(({ url }) => url)).toEqual(['/rtc']);
  });
});

describe('refused before LiveKit hears of it', () => {
  it.each([
    ['/rtc/v1', 404],
    ['/rtc/', 404],
    ['/%72tc', 404],
    ['//rtc', 404],
    ['/rtc/v1/validate', 404],
    ['/twirp/livekit.RoomService/ListRooms', 404],
    ['/whip', 404],
    ['/agent', 404],
    ['/rtc?access_token=TOKEN&publish=x', 404],
    ['/rtc?access_token=TOKEN&join_request=x', 404],
    ['/rtc?access_token=TOKEN&access_token=TOKEN', 404],
    ['/rtc?access_token=TOKENx', 403],
    ['/rtc', 403],
  ])('%s is answered %i', async (path, status) => {
    const { token } = await listener();
    expect(await statusOf(path.replaceAll('TOKEN', token))).toBe(status);
    expect(livekit.requests).toEqual([]);
  });

  it('both tokens at once, and a page of another origin', async () => {
    const { token } = await listener();
    const authorization = `Bearer ${token}`;
    expect(await statusOf(`/rtc?access_token=${token}`, { authorization })).toBe(403);
    expect(await statusOf('/rtc', { authorization, origin: 'https://elsewhere.example' })).toBe(403);
    expect(await statusOf('/rtc', { authorization, origin: house.config.publicUrl })).toBe(101);
  });

  it('POST, HEAD and plain GET, on any path', async () => {
    const { token } = await listener();
    for (const method of ['POST', 'HEAD', 'GET', 'OPTIONS'] as const)
      for (const path of ['/media/rtc', '/media/rtc/v1', '/media/twirp/livekit.RoomService/ListRooms']) {
        const answer = await house.app.inject({ method, url: `${path}?access_token=${token}` });
        expect(answer.statusCode, `${method} ${path}`).toBe(404);
      }
  });

  it('an identity of another session, an ended session, an expired token', async () => {
    const { identity, liveSessionId, token } = await listener();
    const other = session();
    expect(await statusOf(`/rtc?access_token=${await house.token(other, identity, 'anonymous')}`)).toBe(403);
    expect(await statusOf(`/rtc?access_token=${await rawToken(liveSessionId, identity, {}, -60)}`)).toBe(403);
    house.live.delete(liveSessionId);
    expect(await statusOf(`/rtc?access_token=${token}`)).toBe(403);
  });

  it.each([
    { canPublish: true },
    { canPublish: true, canPublishSources: [TrackSource.MICROPHONE] },
    { hidden: false },
    { canPublishData: true },
    { canUpdateOwnMetadata: true },
    { recorder: true },
    { agent: true },
    { canSubscribe: false },
    { roomAdmin: true },
    { roomCreate: true },
    { destinationRoom: 'elsewhere' },
  ])("a listener's identity with the grant %o", async (grant) => {
    const { identity, liveSessionId } = await listener();
    expect(await statusOf(`/rtc?access_token=${await rawToken(liveSessionId, identity, {})}`)).toBe(101);
    expect(await statusOf(`/rtc?access_token=${await rawToken(liveSessionId, identity, grant)}`)).toBe(403);
  });

  it('a seat that may not publish yet with a token that may, and a recorder altogether', async () => {
    const liveSessionId = session();
    const identity = house.seat(liveSessionId, { mayPublish: false });
    expect(await statusOf(`/rtc?access_token=${await house.token(liveSessionId, identity, 'speaker', true)}`)).toBe(
      403,
    );
    expect(await statusOf(`/rtc?access_token=${await house.token(liveSessionId, identity, 'speaker', false)}`)).toBe(
      101,
    );
    house.recorders.add('rec_1');
    expect(await statusOf(`/rtc?access_token=${await house.token(liveSessionId, 'rec_1', 'recorder')}`)).toBe(403);
  });

  it('more connections of one address than the setting allows; a closed one makes room', async () => {
    await house.stop();
    house = await startMediaHouse({ livekitUrl: livekit.url, ...keys }, { MEDIA_PER_ADDRESS: '1' });
    const { signal } = await connected();
    const { token } = await listener();
    expect(await statusOf(`/rtc?access_token=${token}`)).toBe(429);
    await signal.leave();
    await until(async () => (await statusOf(`/rtc?access_token=${token}`)) === 101);
  });
});

describe('the bridge', () => {
  it('passes messages both ways without numbers, and notes who was let in', async () => {
    const liveSessionId = session();
    const identity = house.seat(liveSessionId);
    const token = await house.token(liveSessionId, identity, 'speaker');
    const signal = await startSignal({ mediaUrl: house.mediaUrl, token });
    const upstream = await until(() => livekit.sockets.at(-1));
    upstream.send(join('PA_7'));
    expect((await signal.first('join')).room?.numParticipants).toBe(0);
    expect(house.sids.get(identity)).toBe('PA_7');
    signal.send({ case: 'ping', value: 5n });
    await until(() => livekit.received.length === 1);
    expect(SignalRequest.fromBinary(livekit.received[0]!).message).toEqual({ case: 'ping', value: 5n });
  });

  it('what LiveKit says at once after opening is not lost', async () => {
    const { token } = await listener();
    const opening = startSignal({ mediaUrl: house.mediaUrl, token });
    (await until(() => livekit.sockets.at(-1), { everyMs: 0 })).send(join());
    expect(await (await opening).first('join')).toBeDefined();
  });

  it('what the role may not send is dropped without a word', async () => {
    const { signal } = await connected();
    for (const kind of ['addTrack', 'updateMetadata', 'subscriptionPermission'] as const)
      signal.send(SignalRequest.fromJson({ [kind]: {} }).message);
    signal.send({ case: 'ping', value: 1n });
    await until(() => livekit.received.length === 1);
    expect(signal.socket.readyState).toBe(WebSocket.OPEN);
  });

  it.each([
    ['text', 1003, (socket: WebSocket) => socket.send('{}')],
    ['65 KiB', 1009, (socket: WebSocket) => socket.send(Buffer.alloc(65 * 1024))],
    ['no message', 1007, (socket: WebSocket) => socket.send(Buffer.from([0xff, 0xff, 0xff]))],
  ] as const)('%s closes with %i', async (_what, code, act) => {
    const { signal, upstream } = await connected();
    const upstreamClosed = new Promise((resolve) => upstream.once('close', resolve));
    act(signal.socket);
    expect(await signal.closed).toBe(code);
    await upstreamClosed;
  });

  it('a burst of 200 messages passes, a flood is closed', async () => {
    const { signal } = await connected();
    for (let index = 0; index < 200; index += 1) signal.send({ case: 'ping', value: 1n });
    await until(() => livekit.received.length === 200);
    for (let index = 0; index < 200; index += 1) signal.send({ case: 'ping', value: 1n });
    expect(await signal.closed).toBe(1008);
    expect(livekit.received.length).toBeLessThan(300);
  });

  it('a close of either side reaches the other with its code', async () => {
    const first = await connected();
    first.upstream.close(4123);
    expect(await first.signal.closed).toBe(4123);
    const second = await connected();
    const closed = new Promise((resolve) => second.upstream.once('close', resolve));
    second.signal.socket.close(4321);
    expect(await closed).toBe(4321);
  });

  it('a client that does not read stops LiveKit from sending more', async () => {
    const { signal, upstream } = await connected();
    signal.socket.pause();
    const metadata = 'x'.repeat(60_000);
    const update = (index: number): Uint8Array => {
      const room = new Room({ metadata: `${index}${metadata}` });
      return new SignalResponse({ message: { case: 'roomUpdate', value: { room } } } as never).toBinary();
    };
    let sent = 0;
    await until(
      () => {
        upstream.send(update((sent += 1)));
        return upstream.bufferedAmount > 4_000_000;
      },
      { everyMs: 0, timeoutMs: 15_000, what: 'back-pressure at LiveKit' },
    );
    signal.socket.resume();
    await until(() => signal.answers.length === sent, { what: 'all of it' });
  });
});

describe('an end', () => {
  it('a removed identity is told so and cut off at once, on every connection', async () => {
    const { signal, identity } = await connected();
    house.removed.add(identity);
    await house.chapter.expel('any', identity).catch(() => {});
    expect(await signal.closed).toBe(1000);
    expect(signal.answers.at(-1)).toMatchObject({ case: 'leave', value: { reason: 4, action: 0 } });
  });

  it('somebody removed while LiveKit was opening does not come in', async () => {
    const { token, identity } = await listener();
    const letGo = livekit.holdBack();
    const asking = statusOf(`/rtc?access_token=${token}`);
    await until(() => livekit.requests.length > 0);
    house.removed.add(identity);
    letGo();
    expect(await asking).toBe(403);
  });

  it('a LiveKit that is down, refuses or stays silent is answered with a Problem, not a crash', async () => {
    const { token } = await listener();
    livekit.refuse(401);
    expect(await statusOf(`/rtc?access_token=${token}`)).toBe(503);
    livekit.refuse(undefined);
    expect(await statusOf(`/rtc?access_token=${token}`)).toBe(101);
    await livekit.stop();
    expect(await statusOf(`/rtc?access_token=${token}`)).toBe(503);
    const validated = await house.app.inject(`/media/rtc/validate?access_token=${token}`);
    expect([validated.statusCode, validated.body]).toEqual([200, 'success']);
  });

  it('livekit-client learns from validate whether to try again', async () => {
    const { token, identity } = await listener();
    house.removed.add(identity);
    const answer = await house.app.inject(`/media/rtc/validate?access_token=${token}`);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'media-refused' });
    expect(answer.json()).not.toHaveProperty('detail');
  });

  it('closing the server does not wait for open bridges, nor for a LiveKit that does not answer', async () => {
    const { signal } = await connected();
    const deaf = await connected();
    deaf.signal.socket.pause();
    livekit.holdBack();
    const { token } = await listener();
    const waiting = statusOf(`/rtc?access_token=${token}`).catch(() => 'closed');
    await until(() => livekit.requests.length === 3);
    const startedAt = performance.now();
    await house.stop();
    expect(performance.now() - startedAt).toBeLessThan(2500);
    expect(await signal.closed).toBe(1012);
    expect(await waiting).toBe('closed');
  });

  it('no line of the log is a visit', async () => {
    const before = house.lines.length;
    const { signal } = await connected();
    await signal.leave();
    await statusOf('/rtc?access_token=x');
    expect(house.lines.slice(before).filter((line) => !line.includes('media room opened'))).toEqual([]);
  });
});
