import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import { SEAT_END_REASONS, SEAT_TABLE, stepSeat } from './seat.ts';
import type { Seat, SeatEvent } from './seat.ts';

const waiting: Seat = {
  seatId: 'seat',
  liveSessionId: 'live',
  identity: 's_seat',
  displayName: 'Ada',
  role: 'speaker',
  origin: 'link',
  speakLinkId: null,
  mutedByModerator: false,
  state: 'waiting',
};

const event: fc.Arbitrary<SeatEvent> = fc.oneof(
  fc.record({
    type: fc.constant('connect' as const),
    participantSid: fc.constantFrom('PA_1', 'PA_2'),
    at: fc.date({ noInvalidDate: true }),
  }),
  fc.constantFrom({ type: 'disconnect' as const }, { type: 'mute' as const }, { type: 'unmute' as const }),
  fc.record({
    type: fc.constant('end' as const),
    reason: fc.constantFrom(...SEAT_END_REASONS),
    at: fc.date({ noInvalidDate: true }),
  }),
);

it('every step goes where the printed table says, and nowhere else', () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let seat: Seat = waiting;
      for (const each of events) {
        const expected = (SEAT_TABLE[seat.state] as Partial<Record<SeatEvent['type'], Seat['state']>>)[each.type];
        const next = stepSeat(seat, each);
        if (next instanceof Problem) expect(expected).toBeUndefined();
        else expect(next.state).toBe(expected);
        if (!(next instanceof Problem)) seat = next;
      }
    }),
  );
});

it('an ended seat never returns', () => {
  fc.assert(
    fc.property(fc.array(event), event, (before, after) => {
      const end: SeatEvent = { type: 'end', reason: 'removed', at: new Date(0) };
      const ended = [...before, end].reduce<Seat>((seat, each) => {
        const next = stepSeat(seat, each);
        return next instanceof Problem ? seat : next;
      }, waiting);
      expect(ended.state).toBe('ended');
      expect(stepSeat(ended, after)).toMatchObject({ code: 'seat-gone' });
    }),
  );
});

it('a connection that comes back keeps the hour of its first arrival', () => {
  const joined = stepSeat(waiting, { type: 'connect', participantSid: 'PA_1', at: new Date(1000) }) as Seat;
  const lost = stepSeat(joined, { type: 'disconnect' }) as Seat;
  const again = stepSeat(lost, { type: 'connect', participantSid: 'PA_2', at: new Date(9000) });
  expect(again).toMatchObject({ state: 'joined', joinedAt: new Date(1000), participantSid: 'PA_2' });
});

it('an event that changes nothing gives back the same seat', () => {
  const joined = stepSeat(waiting, { type: 'connect', participantSid: 'PA_1', at: new Date(1000) }) as Seat;
  expect(stepSeat(joined, { type: 'connect', participantSid: 'PA_1', at: new Date(2000) })).toBe(joined);
  expect(stepSeat(joined, { type: 'unmute' })).toBe(joined);
  expect(stepSeat(waiting, { type: 'disconnect' })).toBe(waiting);
});
