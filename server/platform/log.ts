import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

/** JSON lines. One info line per state transition, with ids; never a token, an address, a URL or a listener's anything. */
export type Log = Logger;

/**
 * The log of the process. A request that slips into a line shows its method and the pattern of its route only:
 * its address, its URL and its headers could name a listener.
 */
export const createLog = (options: { level: string; destination?: DestinationStream }): Log =>
  pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        req: (request: { method?: string; routeOptions?: { url?: string } }) => ({
          method: request.method,
          route: request.routeOptions?.url,
        }),
        res: (response: { statusCode?: number }) => ({ status: response.statusCode }),
        err: pino.stdSerializers.errWithCause,
      },
    },
    ...(options.destination ? [options.destination] : []),
  );
