/** JSON lines over a stream: one object per line, parsed at the boundary. */
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import type { z } from 'zod';

export const writeLine = (stream: Pick<Duplex, 'write'>, message: unknown): void => {
  stream.write(`${JSON.stringify(message)}\n`);
};

/** Calls `onMessage` for every line that fits the schema and `onFault` for every other. */
export const readLines = <Schema extends z.ZodType>(
  stream: Readable,
  schema: Schema,
  onMessage: (message: z.output<Schema>) => void,
  onFault: (fault: string) => void = () => {},
): void => {
  const read = (line: string): void => {
    try {
      const parsed = schema.safeParse(JSON.parse(line));
      if (parsed.success) onMessage(parsed.data);
      else onFault(parsed.error.message);
    } catch (error) {
      onFault(String(error));
    }
  };
  const lines = createInterface({ input: stream });
  // It says again what the stream says when it breaks (its other end was killed), and unheard that ends the process.
  lines.on('error', () => {});
  lines.on('line', read);
};
