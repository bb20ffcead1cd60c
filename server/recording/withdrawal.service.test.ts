import type { FastifyBaseLogger } from 'fastify';
import { expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { createLog } from '../platform/log.ts';
import type { CaptureHandle } from './capture/capture-handle.ts';
import { withdrawalService } from './withdrawal.service.ts';
import type { WithdrawalDeps } from './withdrawal.service.ts';

const ORDER = { erase: false, wording: 'Take my voice out', language: 'en' };

it('two who take their voices back at once are served one after the other: one journal has one writer', async () => {
  const first = Promise.withResolvers<void>();
  const begun: string[] = [];
  const capture: Pick<CaptureHandle, 'withdraw'> = {
    withdraw: async (seatId) => {
      if (begun.push(seatId) === 1) await first.promise;
    },
  };
  const receipts: Partial<WithdrawalDeps['receipts']> = {
    newestWithdrawal: async () => undefined,
    openWithdrawal: async (asked) => ({ ...asked, liveSessionId: 'evening', journaledAt: null, finishedAt: null }),
    recordingOf: async () => ({ id: 'none', state: 'closed' }),
    journaled: async () => {},
  };
  const withdrawals = withdrawalService({
    receipts: receipts as WithdrawalDeps['receipts'],
    remaking: { without: async () => {}, goOn: async () => {}, clearNameless: async () => {} },
    captures: { adopt: async () => capture as CaptureHandle, ensure: async () => capture as CaptureHandle },
    registry: { byId: () => undefined },
    withdrawConsent: async () => {},
    recordingsDir: '/nowhere',
    clock: systemClock,
    log: createLog({ level: 'silent' }) as FastifyBaseLogger,
  });
  const both = ['ada', 'bo'].map((seatId) =>
    withdrawals.withdraw({ seatId, liveSessionId: 'evening' }, ORDER, undefined),
  );
  // Another evening's, ordered last, has come all the way by then
  await withdrawals.withdraw({ seatId: 'cy', liveSessionId: 'another evening' }, ORDER, undefined);
  expect(begun).toEqual(['ada', 'cy']);
  first.resolve();
  await Promise.all(both);
  expect(begun).toEqual(['ada', 'cy', 'bo']);
});
