/** Who may open a WebSocket at all: not a page of another site, and not one address without end. */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.ts';
import { addressKey } from './address.ts';
import { places } from './places.ts';

/**
 * A `preValidation` hook for one WebSocket route: `not-found` for a request that is no upgrade, `not-allowed` for a
 * foreign Origin, `too-many-requests` beyond `perAddress` open sockets of one address.
 */
export const socketDoor = ({ publicUrl, perAddress }: { publicUrl: string; perAddress: number }) => {
  const ownOrigin = new URL(publicUrl).origin;
  const sockets = places(perAddress);
  return async (request: FastifyRequest): Promise<void> => {
    if (!request.ws) throw new Problem('not-found');
    // Programs send no Origin; a page on another site must not get in with a ticket or a cookie it was lent.
    const { origin } = request.headers;
    if (origin !== undefined && origin !== ownOrigin) throw new Problem('not-allowed');
    const leave = sockets.take(addressKey(request.ip));
    if (!leave) throw new Problem('too-many-requests');
    request.raw.socket.once('close', leave);
  };
};
