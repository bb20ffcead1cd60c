import { PgBoss } from 'pg-boss';
import type { JobQueue } from './jobs.ts';

/**
 * Sends jobs from a program beside the server, over a connection of its own for each. A queue that no server has made
 * yet takes nothing: the server's next start sends what its rows say is waiting.
 */
export const jobSender = (databaseUrl: string) => ({
  queue: <T extends object>(name: string): JobQueue<T> => ({
    send: async (data) => {
      const boss = new PgBoss({ connectionString: databaseUrl, max: 1, supervise: false, schedule: false });
      boss.on('error', () => {});
      await boss.start();
      try {
        if (await boss.getQueue(name)) await boss.send(name, data);
      } finally {
        await boss.stop({ graceful: false, close: true });
      }
    },
  }),
});
