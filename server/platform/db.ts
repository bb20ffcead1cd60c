import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './prisma/client.ts';

/** Prisma's client over the `pg` driver, and the way to give its connections back. */
export type Database = {
  prisma: PrismaClient;
  /** Whether a statement gets through; rejects or stays pending when it does not. */
  isHealthy: () => Promise<boolean>;
  close: () => Promise<void>;
};

/** Opens the pool behind the stores. Connects on first use; `close` waits for running queries. */
export const openDatabase = (url: string, options: { maxConnections?: number } = {}): Database => {
  const adapter = new PrismaPg({ connectionString: url, max: options.maxConnections ?? 10 });
  // Otherwise every failed statement carries the lines of code around it into the log.
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' });
  return {
    prisma,
    isHealthy: async () => (await prisma.$executeRaw`SELECT 1`) >= 0,
    close: () => prisma.$disconnect(),
  };
};
