import { beforeEach, expect, it, vi } from 'vitest';
import type { Ticket } from '../../server/room/ticket.schema.ts';
import { RoomVisit } from './room-visit.svelte.ts';

/** Everything that was opened: sounds and event streams. */
const open = new Set<object>();
let answer: PromiseWithResolvers<Ticket>;

vi.mock('../media/live-media.svelte.ts', () => ({
  LiveMedia: class {
    async connect(): Promise<void> {
      open.add(this);
    }
    async disconnect(): Promise<void> {
      open.delete(this);
    }
  },
}));
vi.mock('./event-stream.ts', () => ({
  END_CODES: {},
  isFinal: () => true,
  EventStream: class {
    async open(): Promise<void> {
      open.add(this);
    }
    close(): void {
      open.delete(this);
    }
  },
}));
vi.mock('../api/stage.ts', () => ({
  visitorActs: () => ({ stepDown: () => answer.promise }),
  moderatorActs: () => ({}),
}));

const ticket = { role: 'speaker', visitSecret: 'secret', consentNeeded: false } as Ticket;
let visit: RoomVisit;

beforeEach(() => {
  open.clear();
  answer = Promise.withResolvers<Ticket>();
  visit = new RoomVisit('harbour', ticket);
  visit.start();
});

it('going up or down leaves the old sound and the old stream, and is in the new ones', async () => {
  const before = [...open];
  expect(before).toHaveLength(2);
  const moved = visit.stepDown();
  answer.resolve({ ...ticket, role: 'anonymous' });
  await moved;
  expect(open.size).toBe(2);
  expect([...open].filter((one) => before.includes(one))).toEqual([]);
});

it('who leaves while going up or down hears nothing and is told nothing afterwards', async () => {
  const moved = visit.stepDown();
  visit.leave();
  answer.resolve({ ...ticket, role: 'anonymous' });
  await moved;
  expect([...open]).toEqual([]);
});
