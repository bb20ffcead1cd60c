import { isAudienceRole } from '../room/identity.ts';
import { Problem } from '../problems.ts';
import type { MediaRole } from './port.ts';

/** How many hold each key; a key nobody holds is forgotten. */
const counter = () => {
  const held = new Map<string, number>();
  const change = (key: string, by: number): void => {
    const count = (held.get(key) ?? 0) + by;
    if (count > 0) held.set(key, count);
    else held.delete(key);
  };
  return { of: (key: string): number => held.get(key) ?? 0, change };
};

/** Caps of the gateway: open connections per address, listeners per live session. The stage is never kept out. */
export const gatewayPlaces = (limits: { perAddress: number; listenersPerRoom: number }) => {
  const addresses = counter();
  const rooms = counter();
  return {
    /** Takes a place and answers how to give it back; throws `too-many-requests` or `overloaded` when all are taken. */
    take: (address: string, liveSessionId: string, role: MediaRole): (() => void) => {
      const listens = isAudienceRole(role);
      if (addresses.of(address) >= limits.perAddress) throw new Problem('too-many-requests');
      if (listens && rooms.of(liveSessionId) >= limits.listenersPerRoom) throw new Problem('overloaded');
      const change = (by: number): void => {
        addresses.change(address, by);
        if (listens) rooms.change(liveSessionId, by);
      };
      change(1);
      return () => change(-1);
    },
  };
};
