/** A way to LiveKit that can be shut: for a moment nobody reaches it, as if it were away. */
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export type LivekitGate = {
  /** LiveKit's address through the gate. */
  url: string;
  /** Ends what is connected and lets nobody in. */
  shut: () => void;
  open: () => void;
  close: () => void;
};

/** Opens a gate before LiveKit's signalling and API; the sound itself does not pass here. */
export const livekitGate = async (livekitUrl: string): Promise<LivekitGate> => {
  const { hostname, port, protocol } = new URL(livekitUrl);
  const sockets = new Set<Socket>();
  let isOpen = true;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((socket) => {
    keep(socket);
    if (!isOpen) return socket.destroy();
    const upstream = keep(connect({ host: hostname, port: Number(port) }));
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    return socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const shut = (): void => {
    isOpen = false;
    sockets.forEach((socket) => socket.destroy());
  };
  return {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut,
    open: () => (isOpen = true),
    close: () => {
      shut();
      server.close();
    },
  };
};
