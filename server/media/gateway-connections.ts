import { DisconnectReason } from '@livekit/protocol';
import type { Bridge } from './gateway-bridge.ts';

/** Clients answer a ping at once; one that has not until the next is gone. */
const PULSE_MS = 15_000;

type Connection = { identity: string; liveSessionId: string; isSeat: boolean; bridge: Bridge };
type LetThrough = { liveSessionId: string; participantSid: string };

/**
 * The open connections of the gateway and whom it let through, in memory only. Of a listener it knows nothing once the
 * connection is closed; a seat's identity is public, so which connection took it is remembered until the seat ends.
 */
export const gatewayConnections = () => {
  const open = new Set<Connection>();
  const letThrough = new Map<string, LetThrough>();
  let pulse: NodeJS.Timeout | undefined;

  const removeWhere = (matches: (connection: Connection) => boolean, reason: DisconnectReason): void => {
    for (const connection of open) if (matches(connection)) connection.bridge.remove(reason);
  };

  return {
    add: (connection: Connection): void => {
      const { identity, isSeat, bridge } = connection;
      open.add(connection);
      void bridge.closed.then(() => {
        open.delete(connection);
        if (!isSeat && ![...open].some((other) => other.identity === identity)) letThrough.delete(identity);
      });
    },
    noteJoin: (identity: string, entry: LetThrough): void => void letThrough.set(identity, entry),
    /** The participant sid that this instance let through last; undefined when it saw nobody of that name come. */
    sidOf: (identity: string): string | undefined => letThrough.get(identity)?.participantSid,
    /** Closes every connection of an identity at once and tells the client not to come back. Revoke it first. */
    disconnect: (identity: string): void => {
      letThrough.delete(identity);
      removeWhere((connection) => connection.identity === identity, DisconnectReason.PARTICIPANT_REMOVED);
    },
    /** The same for everybody of a live session that has ended. */
    disconnectSession: (liveSessionId: string): void => {
      for (const [identity, entry] of letThrough)
        if (entry.liveSessionId === liveSessionId) letThrough.delete(identity);
      removeWhere((connection) => connection.liveSessionId === liveSessionId, DisconnectReason.ROOM_DELETED);
    },
    start: (): void => {
      pulse ??= setInterval(() => {
        for (const { bridge } of open) bridge.checkPulse();
      }, PULSE_MS).unref();
    },
    /** Closes all connections so that their clients come back to the next process. */
    stop: async (): Promise<void> => {
      clearInterval(pulse);
      for (const { bridge } of open) bridge.restart();
      await Promise.all([...open].map(({ bridge }) => bridge.closed));
    },
  };
};
