/** Receipts put together: their routes, and what follows when a voice is taken back. */
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { LiveRegistry } from '../room/live-registry.ts';
import { ticketLimits } from '../room/ticket-limits.ts';
import type { Captures } from './captures.ts';
import { receiptRoutes } from './receipts.routes.ts';
import { receiptsService } from './receipts.service.ts';
import { receiptsStore } from './receipts.store.ts';
import { remaking } from './remaking.ts';
import type { EpisodesOfMasters, RemakingDeps } from './remaking.ts';
import { trackTickets } from './track-ticket.ts';
import { withdrawalService } from './withdrawal.service.ts';
import type { WithdrawConsent } from './withdrawal.service.ts';
import { withdrawnMastersStore } from './withdrawn-masters.store.ts';

export type ReceiptsDeps = Pick<RemakingDeps, 'render' | 'remakeReplays' | 'timelineOf' | 'journalChanged'> & {
  config: Config;
  database: Database;
  captures: Captures;
  registry: LiveRegistry;
  withdrawConsent: WithdrawConsent;
  episodes: EpisodesOfMasters;
  clock: Clock;
  log: FastifyBaseLogger;
};

export const receiptsPart = (deps: ReceiptsDeps) => {
  const { config, database, clock } = deps;
  const receipts = receiptsStore(database.prisma);
  const masters = withdrawnMastersStore(database.prisma);
  const { recordingsDir } = config;
  const remade = remaking({ ...deps, masters, receipts, recordingsDir });
  const withdrawals = withdrawalService({ ...deps, receipts, remaking: remade, recordingsDir });
  const tickets = trackTickets({ secret: config.admissionSecret, clock });
  const { timelineOf } = deps;
  const service = receiptsService({ config, receipts, withdrawals, tickets, timelineOf });
  return {
    routes: receiptRoutes({ config, receipts: service, limits: ticketLimits(config, clock) }),
    /** After a start, before anything is served. */
    resume: withdrawals.resume,
    afterRender: withdrawals.afterRender,
  };
};
