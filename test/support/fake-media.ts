import type { MediaPort } from '../../server/media/port.ts';

/** A media plane in memory for tests that are not about media: rooms are names in a set, tokens say what they are. */
export type FakeMedia = MediaPort & { rooms: Set<string>; failNext: (call: 'openRoom' | 'closeRoom') => void };

export const fakeMedia = (): FakeMedia => {
  const rooms = new Set<string>();
  const failing = new Set<string>();
  const maybeFail = (call: string): void => {
    if (failing.delete(call)) throw new Error(`${call} failed on purpose`);
  };
  return {
    rooms,
    failNext: (call) => void failing.add(call),
    openRoom: async (liveSessionId) => {
      maybeFail('openRoom');
      rooms.add(liveSessionId);
    },
    closeRoom: async (liveSessionId) => {
      maybeFail('closeRoom');
      rooms.delete(liveSessionId);
    },
    listRooms: async () => [...rooms],
    listParticipants: async () => [],
    issueToken: async ({ role, liveSessionId, identity, mayPublish, ttlSeconds }) =>
      ['fake', role, liveSessionId, identity, mayPublish, ttlSeconds].join(':'),
    verifyToken: async () => undefined,
    applyGrant: async () => {},
    mute: async () => {},
    remove: async () => {},
    isHealthy: async () => true,
  };
};
