/** The local socket of a capture: any number of controllers, of which usually one is there; requests in, events out. */
import { chmod, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { CaptureError } from './capture-error.ts';
import type { CaptureEvent, CaptureFailure, CaptureMessage, CaptureRequest } from './control.schema.ts';
import { CaptureRequestSchema } from './control.schema.ts';
import { readLines, writeLine } from './json-lines.ts';

export type ControlSocket = {
  broadcast: (event: CaptureEvent) => void;
  controllers: () => number;
  close: () => Promise<void>;
};

const failureOf = (error: unknown): CaptureFailure => ({
  code: error instanceof CaptureError ? error.code : 'recording-unavailable',
  detail: error instanceof Error ? error.message : String(error),
});

const serve = (socket: Socket, handle: (request: CaptureRequest) => Promise<unknown>): void => {
  const answer = async (request: CaptureRequest): Promise<CaptureMessage> => {
    try {
      return { id: request.id, ok: true, result: (await handle(request)) ?? null };
    } catch (error) {
      return { id: request.id, ok: false, failure: failureOf(error) };
    }
  };
  readLines(socket, CaptureRequestSchema, (request) => {
    void answer(request).then((message) => {
      if (socket.writable) writeLine(socket, message);
    });
  });
};

/** Listens at `path`, readable for the owner alone; what a dead capture left there is removed first. */
export const listenForControl = async (
  path: string,
  handle: (request: CaptureRequest) => Promise<unknown>,
): Promise<ControlSocket> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // A controller that dies is no fault of the capture, which goes on.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    serve(socket, handle);
  });
  await rm(path, { force: true });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(path, listening.resolve);
  await listening.promise;
  await chmod(path, 0o600);
  return {
    broadcast: (event) => sockets.forEach((socket) => writeLine(socket, event)),
    controllers: () => sockets.size,
    close: async () => {
      sockets.forEach((socket) => socket.end());
      server.close();
      await rm(path, { force: true });
    },
  };
};
