/**
 * LiveKit behind the MediaPort: its room API over HTTP, and its tokens, which are signed and checked here with the
 * shared key. Every call ends within two seconds, and whatever goes wrong arrives as the Problem `media-unavailable`.
 */
import { createHmac } from 'node:crypto';
import { AccessToken, RoomServiceClient, ServerError, TokenVerifier, TrackSource } from 'livekit-server-sdk';
import { z } from 'zod';
import { Problem } from '../problems.ts';
import { grantsFor } from './grants.ts';
import type { MediaParticipant, MediaPort, TokenOrder } from './port.ts';
import { parseClaims } from './token-claims.ts';

const TIMEOUT_SECONDS = 2;
/** We end rooms by our own rule; LiveKit would close one 20 s after the last visible participant left. */
const ROOM_TIMEOUT_SECONDS = 86_400;
/** A clock that is set back after a token was made must not keep its owner out. */
const VALID_BEFORE_SECONDS = 7_200;
const MAX_TTL_SECONDS = 86_400;
/** States of ParticipantInfo: 0 joining, 1 joined, 2 active, 3 disconnected. */
const ACTIVE = 2;

type LivekitOptions = { url: string; apiKey: string; apiSecret: string };
type ParticipantInfo = Awaited<ReturnType<RoomServiceClient['listParticipants']>>[number];

/** The SDK lets a token begin at the moment it is made: signed anew (HS256, RFC 7515), with an earlier beginning. */
const validBefore = (token: string, secret: string): string => {
  const [header = '', payload = ''] = token.split('.');
  const claims = z.looseObject({ nbf: z.number() }).parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  const earlier = { ...claims, nbf: claims.nbf - VALID_BEFORE_SECONDS };
  const signed = `${header}.${Buffer.from(JSON.stringify(earlier)).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

const httpOf = (url: string): string => url.replace(/^ws/, 'http').replace(/\/+$/, '');

const isMissing = (error: unknown): boolean => error instanceof ServerError && error.status === 404;

const call = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw new Problem('media-unavailable', { detail: `LiveKit did not ${what}.`, cause });
  }
};

/** The same for calls about something that may be gone already: then there is nothing to do. */
const callOn = <T>(what: string, work: () => Promise<T>): Promise<T | undefined> =>
  call(what, () => work().catch((error: unknown) => (isMissing(error) ? undefined : Promise.reject(error))));

const participantOf = (info: ParticipantInfo): MediaParticipant => ({
  identity: info.identity,
  sid: info.sid,
  connected: info.state === ACTIVE,
  hidden: info.permission?.hidden ?? false,
  recorder: info.permission?.recorder ?? false,
  agent: info.permission?.agent ?? false,
  canPublish: info.permission?.canPublish ?? false,
  canPublishData: info.permission?.canPublishData ?? false,
  canSubscribe: info.permission?.canSubscribe ?? false,
  tracks: info.tracks.map(({ sid, source, muted }) => ({
    sid,
    source: source === TrackSource.MICROPHONE ? 'microphone' : 'other',
    muted,
  })),
});

/** The grant in the SDK's types; its own spelling of sources is an enum. */
const sdkGrant = ({ role, liveSessionId, mayPublish }: Pick<TokenOrder, 'role' | 'liveSessionId' | 'mayPublish'>) => {
  const grant = grantsFor(role, liveSessionId, { mayPublish });
  return { ...grant, canPublishSources: grant.canPublishSources.map(() => TrackSource.MICROPHONE) };
};

/** Connects to nothing by itself; `url` may be ws(s) or http(s). */
export const livekitMedia = ({ url, apiKey, apiSecret }: LivekitOptions): MediaPort => {
  const host = httpOf(url);
  // Without `failover: false` the SDK looks for other regions of an outside server.
  const rooms = new RoomServiceClient(host, apiKey, apiSecret, { requestTimeout: TIMEOUT_SECONDS, failover: false });
  const verifier = new TokenVerifier(apiKey, apiSecret);

  const listParticipants = async (liveSessionId: string): Promise<MediaParticipant[]> => {
    const list = await callOn('list the participants', () => rooms.listParticipants(liveSessionId));
    return (list ?? []).map(participantOf);
  };

  return {
    openRoom: async (liveSessionId) => {
      const timeouts = { emptyTimeout: ROOM_TIMEOUT_SECONDS, departureTimeout: ROOM_TIMEOUT_SECONDS };
      await call('open the room', () => rooms.createRoom({ name: liveSessionId, ...timeouts }));
    },
    closeRoom: (liveSessionId) => callOn('close the room', () => rooms.deleteRoom(liveSessionId)),
    listRooms: async () => (await call('list the rooms', () => rooms.listRooms())).map(({ name }) => name),
    listParticipants,
    issueToken: async (order) => {
      // The SDK reads a ttl of 0 as its default of six hours.
      if (!Number.isInteger(order.ttlSeconds) || order.ttlSeconds < 1 || order.ttlSeconds > MAX_TTL_SECONDS)
        throw new RangeError(`a token lives 1 to ${MAX_TTL_SECONDS} whole seconds, not ${order.ttlSeconds}`);
      const { identity, displayName: name, ttlSeconds: ttl } = order;
      const token = new AccessToken(apiKey, apiSecret, { identity, name, ttl });
      token.addGrant(sdkGrant(order));
      return validBefore(await token.toJwt(), apiSecret);
    },
    verifyToken: async (token) => parseClaims(await verifier.verify(token).catch(() => undefined)),
    applyGrant: async (order) => {
      const { roomJoin: _join, room: _room, canUpdateOwnMetadata: canUpdateMetadata, ...flags } = sdkGrant(order);
      const permission = { ...flags, canUpdateMetadata };
      await callOn('change the grant', () =>
        rooms.updateParticipant(order.liveSessionId, order.identity, { permission }),
      );
    },
    mute: async (liveSessionId, identity) => {
      const participant = (await listParticipants(liveSessionId)).find((one) => one.identity === identity);
      const open = participant?.tracks.filter((track) => !track.muted) ?? [];
      for (const { sid } of open)
        await callOn('mute', () => rooms.mutePublishedTrack(liveSessionId, identity, sid, true));
    },
    remove: async (liveSessionId, identity) => {
      await callOn('remove the participant', () => rooms.removeParticipant(liveSessionId, identity));
    },
    isHealthy: () =>
      fetch(host, { signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000) }).then(
        async (answer) => {
          // An unread body keeps its connection until it is garbage.
          await answer.body?.cancel();
          return answer.ok;
        },
        () => false,
      ),
  };
};
