import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { Problem } from '../problems.ts';

const CONNECT_MS = 10_000;
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** A signalling connection to LiveKit that a client is waiting for: see `openUpstream`. */
export type Upstream = {
  socket: WebSocket;
  /** Until then the connection ends when the waiting client goes away. */
  handOver: () => void;
};

/**
 * Opens a connection to LiveKit and pauses it, so that nothing is read before a bridge listens. `waiting` is the
 * client's TCP socket. Throws `media-unavailable` when LiveKit does not open within ten seconds.
 */
export const openUpstream = async (url: string, token: string, waiting: Socket): Promise<Upstream> => {
  if (waiting.destroyed) throw new Problem('media-unavailable');
  const socket = new WebSocket(url, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: CONNECT_MS,
    maxPayload: MAX_PAYLOAD_BYTES,
  });
  const giveUp = (): void => socket.terminate();
  waiting.once('close', giveUp);
  // Also after the opening: an error without a listener would end the process. The close that follows is handled.
  socket.on('error', giveUp);
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: unknown): void => reject(new Problem('media-unavailable', { cause }));
    socket.once('error', refuse);
    socket.once('close', refuse);
    socket.once('open', () => {
      socket.pause();
      resolve();
    });
  }).finally(() => socket.removeAllListeners('close'));
  return { socket, handOver: () => void waiting.removeListener('close', giveUp) };
};
