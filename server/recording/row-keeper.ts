/**
 * Writes rows behind what has already happened: a capture has stopped whether or not Postgres was there to hear it. The
 * writes of one recording keep their order; while the database is away they wait, and are tried again until they stand.
 */
import type { FastifyBaseLogger } from 'fastify';
import { isDatabaseAway } from '../platform/database-away.ts';

/** `value` of a write that stands; `stored` is false when it has to wait for the database. */
export type Kept<T> = { stored: true; value: T } | { stored: false };

type Write = { run: () => Promise<unknown>; kept: PromiseWithResolvers<Kept<unknown>> };

const TRY_AGAIN_MS = 500;

export const rowKeeper = (log: FastifyBaseLogger) => {
  const writes = new Map<string, Write[]>();
  const underWay = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  /** False when the database is away: then this write and those behind it wait. */
  const runOne = async (recordingId: string, { run, kept }: Write): Promise<boolean> => {
    try {
      kept.resolve({ stored: true, value: await run() });
    } catch (error) {
      if (isDatabaseAway(error)) return false;
      log.error({ err: error, recordingId }, 'rows of a recording');
      kept.reject(error);
    }
    return true;
  };

  const drain = async (recordingId: string, queue: Write[]): Promise<void> => {
    while (queue[0] && (await runOne(recordingId, queue[0]))) queue.shift();
    // From here on in one turn: who comes after it starts anew.
    underWay.delete(recordingId);
    if (queue.length === 0) return void writes.delete(recordingId);
    for (const { kept } of queue) kept.resolve({ stored: false });
    log.warn({ recordingId, writes: queue.length }, 'rows wait for the database');
    timer ??= setTimeout(tryAgain, TRY_AGAIN_MS).unref();
  };

  const work = async (recordingId: string): Promise<void> => {
    const queue = writes.get(recordingId);
    if (!queue) return;
    const running = underWay.get(recordingId) ?? drain(recordingId, queue);
    underWay.set(recordingId, running);
    await running;
  };

  const tryAgain = (): void => {
    timer = undefined;
    for (const recordingId of writes.keys()) void work(recordingId);
  };

  return {
    /** Runs the write after those of the same recording that wait. It must bear being run again after a failure. */
    keep: <T>(recordingId: string, run: () => Promise<T>): Promise<Kept<T>> => {
      const kept = Promise.withResolvers<Kept<unknown>>();
      kept.promise.catch(() => {});
      const queue = writes.get(recordingId) ?? [];
      queue.push({ run, kept });
      writes.set(recordingId, queue);
      void work(recordingId);
      return kept.promise as Promise<Kept<T>>;
    },
    /** Whether everything of this recording is in its rows; tries once. */
    settled: async (recordingId: string): Promise<boolean> => {
      await work(recordingId);
      return !writes.has(recordingId);
    },
    stop: (): void => clearTimeout(timer),
  };
};

export type RowKeeper = ReturnType<typeof rowKeeper>;
