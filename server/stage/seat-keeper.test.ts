import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Seat } from './seat.ts';
import { seatKeeper } from './seat-keeper.ts';

const seat = (seatId: string, change: Partial<Seat> = {}): Seat =>
  ({
    seatId,
    liveSessionId: 'live',
    identity: `s_${seatId}`,
    displayName: 'Ada',
    role: 'speaker',
    origin: 'link',
    speakLinkId: null,
    mutedByModerator: false,
    state: 'waiting',
    ...change,
  }) as Seat;

const log = pino({ level: 'silent' });

it('what could not be written is written, in its newest state, once Postgres is back', async () => {
  const rows = new Map<string, Seat>();
  let isAway = true;
  const save = async (given: Seat): Promise<void> => {
    if (isAway) throw new Error('no connection');
    rows.set(given.seatId, given);
  };
  const keeper = seatKeeper({ seats: { save }, log });
  await keeper.keep(seat('a'));
  await keeper.keep(seat('b', { mutedByModerator: true }));
  const ended = seat('a', { state: 'ended', endedAt: new Date(0), endReason: 'removed' });
  await keeper.keep(ended);
  expect(rows.size).toBe(0);
  isAway = false;
  await keeper.flush();
  expect(rows.get('a')).toBe(ended);
  expect(rows.get('b')?.mutedByModerator).toBe(true);
});

it('changes that come while one is being written arrive last', async () => {
  const written: string[] = [];
  const gate = Promise.withResolvers<void>();
  const save = async ({ state }: Seat): Promise<void> => {
    if (written.length === 0) await gate.promise;
    written.push(state);
  };
  const keeper = seatKeeper({ seats: { save }, log });
  const first = keeper.keep(seat('a'));
  const second = keeper.keep(seat('a', { state: 'lost', joinedAt: new Date(0), participantSid: 'PA' }));
  const third = keeper.keep(seat('a', { state: 'ended', endedAt: new Date(0), endReason: 'stepDown' }));
  gate.resolve();
  await Promise.all([first, second, third]);
  expect(written).toEqual(['waiting', 'ended']);
});

it('a change that comes just as the last one has been written is written too', async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const written: string[] = [];
    const save = async ({ seatId }: Seat): Promise<void> => void written.push(seatId);
    const keeper = seatKeeper({ seats: { save }, log });
    void keeper.keep(seat('a'));
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    await keeper.keep(seat('b'));
    expect(written).toEqual(['a', 'b']);
  }
});
