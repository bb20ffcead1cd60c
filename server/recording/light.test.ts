import { expect, it } from 'vitest';
import { DARK_LIGHT } from '../stage/stage.schema.ts';
import { lightOf } from './light.ts';
import { minutesLeft } from './space.ts';
import type { Take, TakeData } from './take.ts';

const take = (data: TakeData): Take => ({ id: 't', recordingId: 'r', ordinal: 2, name: null, ...data });
const closed = (stopReason: string): Take =>
  take({ state: 'closed', startedAtMs: 0, stoppedAtMs: 1_000, lengthSamples: 48_000, stopReason });

it('the light is dark after an ordinary end, and without a take', () => {
  for (const one of [undefined, closed('stopped'), closed('roomEnded')]) expect(lightOf(one)).toEqual(DARK_LIGHT);
});

it('the light is lit from the first sample until the capture has left', () => {
  expect(lightOf(take({ state: 'starting' })).state).toBe('starting');
  const lit = { state: 'on', since: '1970-01-01T00:00:01.000Z', takeOrdinal: 2, recordingId: 'r' };
  expect(lightOf(take({ state: 'capturing', startedAtMs: 1_000 }))).toMatchObject(lit);
  expect(lightOf(take({ state: 'closing', startedAtMs: 1_000, stopReason: 'stopped' })).state).toBe('closing');
});

it('a take that was lost says so to everybody, unless it never began', () => {
  const lost = { state: 'lost', code: 'capture-lost', detail: 'gone' } as const;
  expect(lightOf(take({ ...lost, startedAtMs: 1_000 })).trouble).toBe('capture-lost');
  expect(lightOf(take({ ...lost, startedAtMs: null }))).toEqual(DARK_LIGHT);
});

it('a recorder that was sent out of the room says so to everybody', () => {
  expect(lightOf(closed('removed'))).toMatchObject({ state: 'off', trouble: 'capture-lost' });
});

it('the minutes left end where the capture stops cleanly, 256 MiB before the disk is full', () => {
  const mib = 1024 ** 2;
  expect(minutesLeft(856 * mib, mib)).toBe(10);
  expect(minutesLeft(100 * mib, mib)).toBe(0);
  expect(minutesLeft(856 * mib, 0)).toBeNull();
});
