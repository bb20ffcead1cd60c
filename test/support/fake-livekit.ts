/** Plays LiveKit's signalling for tests of the gateway: says what it was asked, sends and closes as it is told. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

export const startFakeLivekit = async () => {
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const received: Buffer[] = [];
  // Twirp: every call about rooms and participants is answered with an empty list.
  const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end('{}'));
  const signalling = new WebSocketServer({ noServer: true });
  let refuseWith: number | undefined;
  let waiting: (() => void)[] | undefined;
  server.on('upgrade', (request, socket, head) => {
    requests.push(request);
    if (refuseWith) return void socket.end(`HTTP/1.1 ${refuseWith} Refused\r\n\r\n`);
    const accept = (): void =>
      signalling.handleUpgrade(request, socket, head, (client) => {
        sockets.push(client);
        client.on('message', (data: Buffer) => received.push(data));
      });
    if (waiting) waiting.push(accept);
    else accept();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sockets,
    received,
    /** From now on upgrades are answered with this status. */
    refuse: (status: number | undefined): void => {
      refuseWith = status;
    },
    /** From now on upgrades wait; the answer lets them go on. */
    holdBack: (): (() => void) => {
      const held = (waiting = [] as (() => void)[]);
      return () => held.forEach((accept) => accept());
    },
    stop: async (): Promise<void> => {
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
};
export type FakeLivekit = Awaited<ReturnType<typeof startFakeLivekit>>;
