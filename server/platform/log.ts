import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

/** JSON lines. One info line per state transition, with ids; never a token, an address, a URL or a listener's anything. */
export type Log = Logger;

/** An error as a line holds it. Prisma writes every value of a malformed statement into its message: those stay out. */
const errorLine = (error: Error): object => {
  const line = pino.stdSerializers.errWithCause(error);
  if (line.type !== 'PrismaClientValidationError') return line;
  const reason = error.message.split('\n\n').at(-1) ?? '';
  return { ...line, message: reason, stack: line.stack.replace(error.message, () => reason) };
};

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
        err: errorLine,
      },
    },
    ...(options.destination ? [options.destination] : []),
  );
