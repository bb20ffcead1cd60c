/** LiveKit tokens for tests that run without the product's own grants: every flag written out, as there. */
import { AccessToken, TrackSource } from 'livekit-server-sdk';

export type TestRole = 'speaker' | 'listener' | 'recorder';
export type LiveKitKeys = { apiKey: string; apiSecret: string };

export const testToken = async (
  keys: LiveKitKeys,
  order: { role: TestRole; room: string; identity: string; ttlSeconds?: number },
): Promise<string> => {
  const token = new AccessToken(keys.apiKey, keys.apiSecret, {
    identity: order.identity,
    ttl: order.ttlSeconds ?? 3600,
  });
  const speaks = order.role === 'speaker';
  token.addGrant({
    roomJoin: true,
    room: order.room,
    hidden: !speaks,
    recorder: order.role === 'recorder',
    agent: false,
    canPublish: speaks,
    canPublishData: false,
    canPublishSources: speaks ? [TrackSource.MICROPHONE] : [],
    canSubscribe: true,
    canUpdateOwnMetadata: false,
  });
  return token.toJwt();
};
