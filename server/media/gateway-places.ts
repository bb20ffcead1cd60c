import { places } from '../platform/places.ts';
import { Problem } from '../problems.ts';
import { isAudienceRole } from '../room/identity.ts';
import type { MediaRole } from './port.ts';

/** Caps of the gateway: open connections per address, listeners per live session. The stage is never kept out. */
export const gatewayPlaces = (limits: { perAddress: number; listenersPerRoom: number }) => {
  const addresses = places(limits.perAddress);
  const rooms = places(limits.listenersPerRoom);
  return {
    /** Takes a place and answers how to give it back; throws `too-many-requests` or `overloaded` when all are taken. */
    take: (address: string, liveSessionId: string, role: MediaRole): (() => void) => {
      const leaveAddress = addresses.take(address);
      if (!leaveAddress) throw new Problem('too-many-requests');
      const leaveRoom = isAudienceRole(role) ? rooms.take(liveSessionId) : () => undefined;
      if (!leaveRoom) {
        leaveAddress();
        throw new Problem('overloaded');
      }
      return () => {
        leaveAddress();
        leaveRoom();
      };
    },
  };
};
