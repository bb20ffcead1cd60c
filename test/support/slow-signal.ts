/** A way to LiveKit's signalling that keeps connections waiting, as a lost answer does, until they are let through. */
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export type SlowSignal = {
  /** LiveKit's address through here. */
  mediaUrl: string;
  /** How many connections wait. */
  waiting: () => number;
  /** Lets those through that wait. */
  letThrough: () => void;
  close: () => void;
};

/** Keeps the first `keep` connections waiting; what comes later passes at once. */
export const slowSignal = async (livekitUrl: string, keep: number): Promise<SlowSignal> => {
  const { hostname, port } = new URL(livekitUrl);
  const sockets = new Set<Socket>();
  let kept: Socket[] = [];
  let seen = 0;
  const watch = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const pass = (socket: Socket): void => {
    const upstream = watch(connect({ host: hostname, port: Number(port) }));
    socket.pipe(upstream).pipe(socket);
  };
  const server = createServer((socket) => {
    watch(socket);
    if (seen++ < keep) kept.push(socket);
    else pass(socket);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    mediaUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: () => kept.filter(({ destroyed }) => !destroyed).length,
    letThrough: () => {
      kept.forEach(pass);
      kept = [];
    },
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
};
