import { expect, it } from 'vitest';
import { createLog } from '../platform/log.ts';
import type { LiveEntry } from './live-registry.ts';
import { liveRegistry } from './live-registry.ts';
import { sessionLimits } from './session-limits.ts';

const minuteMs = 60_000;
const entry: LiveEntry = {
  liveSessionId: 'x',
  roomId: 'r',
  slug: 'room',
  title: 'Room',
  topic: '',
  hostId: 'h',
  hostName: 'Ada',
  policy: { anonymousListening: true, recordingArmed: false, listed: true, publishNumber: true },
  startedAt: new Date(0),
};

const house = (emptySince: Date | undefined, others: { unwritten?: 'host'; stuck?: string } = {}) => {
  let nowMs = 0;
  const ended: string[] = [];
  const registry = liveRegistry();
  if (others.stuck) registry.put({ ...entry, liveSessionId: others.stuck, slug: others.stuck });
  registry.put(entry);
  const limits = sessionLimits({
    config: { maxSessionHours: 2, emptyStageMinutes: 15 },
    registry,
    emptySince: () => emptySince,
    unwrittenReason: () => others.unwritten,
    end: async ({ liveSessionId }, reason) => {
      if (liveSessionId === others.stuck) throw new Error('stuck');
      ended.push(reason);
      registry.remove(liveSessionId);
    },
    clock: { now: () => new Date(nowMs) },
    log: createLog({ level: 'fatal' }),
  });
  const at = async (minutes: number): Promise<string[]> => {
    nowMs = minutes * minuteMs;
    await limits.check();
    return ended;
  };
  return { at };
};

it('a live session ends after its longest time, however many are on the stage', async () => {
  const { at } = house(undefined);
  expect(await at(119)).toEqual([]);
  expect(await at(120)).toEqual(['maximum']);
  expect(await at(121)).toEqual(['maximum']);
});

it('a live session ends when nobody has been on its stage for a while', async () => {
  const { at } = house(new Date(10 * minuteMs));
  expect(await at(24)).toEqual([]);
  expect(await at(25)).toEqual(['empty']);
});

it('a live session whose end could not be written down is ended at the next look', async () => {
  const { at } = house(undefined, { unwritten: 'host' });
  expect(await at(1)).toEqual(['host']);
});

it('one live session that cannot be ended keeps no other from ending', async () => {
  const { at } = house(new Date(0), { stuck: 'before' });
  expect(await at(15)).toEqual(['empty']);
});
