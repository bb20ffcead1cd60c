/**
 * Two sockets tied together: a person's on one side, LiveKit's on the other, the filter in between. Each side's close
 * ends the other with the same code. A reader that does not keep up stops its writer; a client that sends too much, too
 * fast or something else than signalling is closed.
 */
import type { DisconnectReason } from '@livekit/protocol';
import { LeaveRequest, LeaveRequest_Action, SignalResponse } from '@livekit/protocol';
import type { RawData, WebSocket } from 'ws';
import type { GatewayFilter } from './gateway-filter.ts';

const MAX_MESSAGE_BYTES = 64 * 1024;
/** Two joins make about 22 messages; a renegotiation on a busy stage makes dozens at once. */
const BURST = 200;
const PER_SECOND = 20;
const HIGH_WATER_BYTES = 256 * 1024;
/** How long a side may take to answer a close. */
const CLOSE_GRACE_MS = 1000;

/** RFC 6455 §7.4: what a peer may be told; 1004–1006 and 1015 exist only on this side of the wire. */
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);

const closeWith = (socket: WebSocket, code: number): void => {
  if (socket.readyState === socket.CLOSED) return;
  // A paused socket would never read the answer to its close.
  socket.resume();
  if (isSendable(code)) socket.close(code);
  else socket.close(1001);
  const giveUp = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  socket.once('close', () => clearTimeout(giveUp));
};

/** A bucket of `BURST` messages that refills with `PER_SECOND`; false when it is empty. */
const messageBudget = () => {
  let left = BURST;
  let filledAt = performance.now();
  return (): boolean => {
    const now = performance.now();
    left = Math.min(BURST, left + ((now - filledAt) / 1000) * PER_SECOND) - 1;
    filledAt = now;
    return left >= 0;
  };
};

const bytesOf = (data: RawData): Uint8Array =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data;

const send = (from: WebSocket, to: WebSocket, bytes: Uint8Array): void => {
  if (to.readyState !== to.OPEN) return;
  to.send(bytes, () => {
    if (from.isPaused && to.bufferedAmount <= HIGH_WATER_BYTES) from.resume();
  });
  if (to.bufferedAmount > HIGH_WATER_BYTES) from.pause();
};

const leaveSignal = (reason: DisconnectReason): Uint8Array => {
  const leave = { reason, action: LeaveRequest_Action.DISCONNECT };
  return new SignalResponse({ message: { case: 'leave', value: new LeaveRequest(leave) } }).toBinary();
};

/** Ties an open upstream (paused since it opened) to a client that was just accepted. */
export const bridge = (client: WebSocket, upstream: WebSocket, filter: GatewayFilter) => {
  const mayPass = messageBudget();
  let heard = true;

  const onClientMessage = (data: RawData, isBinary: boolean): number | undefined => {
    const bytes = bytesOf(data);
    if (!isBinary) return 1003;
    if (bytes.byteLength > MAX_MESSAGE_BYTES) return 1009;
    if (!mayPass()) return 1008;
    const passed = filter.toServer(bytes);
    if (passed) send(client, upstream, passed);
    return undefined;
  };

  client.on('message', (data: RawData, isBinary: boolean) => {
    // What was in flight when the client was told to go.
    if (client.readyState !== client.OPEN) return;
    let refusal: number | undefined;
    try {
      refusal = onClientMessage(data, isBinary);
    } catch {
      refusal = 1007;
    }
    if (refusal) closeWith(client, refusal);
  });
  upstream.on('message', (data: RawData) => {
    try {
      const passed = filter.toClient(bytesOf(data));
      if (passed) send(upstream, client, passed);
    } catch {
      closeWith(client, 1011);
    }
  });
  client.on('close', (code: number) => closeWith(upstream, code));
  upstream.on('close', (code: number) => closeWith(client, code));
  client.on('pong', () => {
    heard = true;
  });
  // LiveKit may have gone between its opening and ours.
  if (upstream.readyState !== upstream.OPEN) closeWith(client, 1011);
  upstream.resume();

  return {
    /** Called now and then: ends a client that has not answered the ping of the last time. */
    checkPulse: (): void => {
      if (!heard) return client.terminate();
      heard = false;
      client.ping();
    },
    /** Tells the client why it has to go, so that it does not come back, and closes. */
    remove: (reason: DisconnectReason): void => {
      if (client.readyState === client.OPEN) client.send(leaveSignal(reason));
      closeWith(client, 1000);
    },
    /** Closes so that the client comes back. */
    restart: (): void => closeWith(client, 1012),
    closed: new Promise<void>((resolve) => client.once('close', () => resolve())),
  };
};

export type Bridge = ReturnType<typeof bridge>;
