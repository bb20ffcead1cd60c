/** Work that outlives a request, in pg-boss: queued in Postgres, run by one instance, run again when that one dies. */
import type { FastifyBaseLogger } from 'fastify';
import { PgBoss } from 'pg-boss';
import type { Job } from 'pg-boss';

/** pg-boss's shortest: a job whose worker is silent that long is given to another. */
const HEARTBEAT_SECONDS = 10;

export type JobHandler<T> = (data: T, signal: AbortSignal) => Promise<void>;
export type JobQueue<T> = { send: (data: T) => Promise<void> };

export type Jobs = {
  /** Declares a queue with its one worker; call before `start`. Handlers must be idempotent: a crash runs them again. */
  queue: <T extends object>(name: string, handler: JobHandler<T>, o: { expireInSeconds: number }) => JobQueue<T>;
  start: () => Promise<void>;
  /** Aborts running handlers (their jobs are retried at the next start) and closes the pool. */
  stop: () => Promise<void>;
};

type Declared = { name: string; run: (job: Job<object>) => Promise<void>; expireInSeconds: number };

/** Opens the job runner over `databaseUrl`; nothing connects before `start`. */
export const openJobs = (databaseUrl: string, log: FastifyBaseLogger): Jobs => {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    max: 3,
    useListenNotify: true,
    schedule: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'job queue'));
  const stopping = new AbortController();
  const declared: Declared[] = [];

  const startQueue = async ({ name, run, expireInSeconds }: Declared): Promise<void> => {
    const policy = { retryLimit: 5, retryDelay: 1, notify: true, heartbeatSeconds: HEARTBEAT_SECONDS, expireInSeconds };
    // pg-boss logs errors in a loop when a worker's queue is missing: create it first
    await boss.createQueue(name, policy);
    // A notice that comes while a job runs wakes nobody, and pg-boss would look again only after 30 s.
    await boss.work<object>(
      name,
      { batchSize: 1, pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1, heartbeatRefreshSeconds: 3 },
      async ([job]) => {
        if (job) await run(job);
      },
    );
  };

  return {
    queue: <T extends object>(
      name: string,
      handler: JobHandler<T>,
      { expireInSeconds }: { expireInSeconds: number },
    ) => {
      const run = (job: Job<object>) => handler(job.data as T, AbortSignal.any([job.signal, stopping.signal]));
      declared.push({ name, run, expireInSeconds });
      return {
        send: async (data) => {
          await boss.send(name, data);
        },
      };
    },
    start: async () => {
      await boss.start();
      for (const queue of declared) await startQueue(queue);
    },
    stop: async () => {
      stopping.abort(new Error('the server is stopping'));
      await boss.stop({ graceful: true, timeout: 4_000, close: true });
    },
  };
};
