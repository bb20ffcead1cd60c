import { expect, it } from 'vitest';
import { trackTickets } from './track-ticket.ts';

const SECRET = 'a secret of thirty-two characters';
let nowMs = 0;
const tickets = trackTickets({ secret: SECRET, clock: { now: () => new Date(nowMs) } });
const track = { recordingId: 'rec-1', file: 'raw/take-TR_1-1.flac' };

it('a track ticket opens its own file for a minute, and no longer', () => {
  nowMs = 1_000_000;
  const ticket = tickets.issue(track);
  nowMs += 59_999;
  expect(tickets.open(ticket)).toEqual(track);
  nowMs += 1;
  expect(tickets.open(ticket)).toBeUndefined();
});

it('a track ticket that was changed anywhere, or sealed elsewhere, opens nothing', () => {
  const ticket = tickets.issue(track);
  for (let at = 0; at < ticket.length; at++) {
    const changed = ticket.slice(0, at) + (ticket[at] === 'x' ? 'y' : 'x') + ticket.slice(at + 1);
    expect(tickets.open(changed)).toBeUndefined();
  }
  const clock = { now: () => new Date(nowMs) };
  expect(tickets.open(trackTickets({ secret: `${SECRET}!`, clock }).issue(track))).toBeUndefined();
  for (const text of ['', '.', 'r1', 'no-such-thing']) expect(tickets.open(text)).toBeUndefined();
});
