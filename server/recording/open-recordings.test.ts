import { expect, it } from 'vitest';
import { openRecordings } from './open-recordings.ts';
import type { Take, TakeData } from './take.ts';
import type { Recording } from './takes.store.ts';

const take = (id: string, ordinal: number, data: TakeData): Take => ({
  id,
  recordingId: 'r',
  ordinal,
  name: null,
  ...data,
});
const recording = (...takes: Take[]): Recording => ({
  ...{ id: 'r', liveSessionId: 'l', state: 'open', identity: 'rec_r', name: null, createdAt: new Date(0), takes },
});
const closed = take('a', 1, {
  state: 'closed',
  startedAtMs: 0,
  stoppedAtMs: 1,
  lengthSamples: 48,
  stopReason: 'stopped',
});
const capturing = take('b', 2, { state: 'capturing', startedAtMs: 2 });

it('rows that were read before a take began or ended neither forget nor reopen it', () => {
  const open = openRecordings();
  open.put(recording(closed));
  open.putTake(capturing);
  const known = open.put(recording(take('a', 1, { state: 'capturing', startedAtMs: 0 })));
  expect(known.takes).toEqual([closed, capturing]);
  expect(open.byId('r')).toEqual(known);
});

it('rows that are further than what is known are believed', () => {
  const open = openRecordings();
  open.put(recording(capturing));
  const closing = take('b', 2, { state: 'closing', startedAtMs: 2, stopReason: 'stopped' });
  expect(open.put(recording(closing)).takes).toEqual([closing]);
});
