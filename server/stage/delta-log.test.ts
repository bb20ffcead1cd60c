import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deltaLog } from './delta-log.ts';
import type { ServerFrame, StageChange } from './stage.schema.ts';
import { serverFrameSchema } from './stage.schema.ts';

type Delta = Extract<ServerFrame, { type: 'delta' }>;

const deltaOf = (text: string | undefined): Delta | undefined => {
  const frame = text === undefined ? undefined : serverFrameSchema.parse(JSON.parse(text));
  return frame?.type === 'delta' ? frame : undefined;
};

const seatChange = (seatId: string, name: string): StageChange => ({
  kind: 'seat',
  seat: {
    seatId,
    identity: `s_${seatId}`,
    name,
    role: 'speaker',
    state: 'waiting',
    muted: true,
    mutedByModerator: false,
    recorded: null,
  },
});

const change = fc.oneof(
  fc.record({ id: fc.constantFrom('a', 'b', 'c'), name: fc.string() }).map(({ id, name }) => seatChange(id, name)),
  fc.constantFrom('a', 'b', 'c').map((seatId): StageChange => ({ kind: 'seatGone', seatId })),
);

const apply = (names: Map<string, string>, delta: Delta): void => {
  for (const each of delta.changes) {
    if (each.kind === 'seat') names.set(each.seat.seatId, each.seat.name);
    if (each.kind === 'seatGone') names.delete(each.seatId);
  }
};

it('a reader who resumes from any number ends where one who missed nothing does', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 30 }), fc.nat(30), (ticks, from) => {
      const log = deltaLog('epoch');
      const steady = new Map<string, string>();
      const away = new Map<string, string>();
      for (const tick of ticks) {
        tick.forEach(log.add);
        const delta = deltaOf(log.cut());
        if (!delta) continue;
        apply(steady, delta);
        if (delta.seq <= from) apply(away, delta);
      }
      const missed = log.since('epoch', Math.min(from, log.seq())) ?? [];
      const numbers = missed.map((text) => {
        const delta = deltaOf(text)!;
        apply(away, delta);
        return delta.seq;
      });
      expect(numbers).toEqual(numbers.map((_, index) => Math.min(from, log.seq()) + 1 + index));
      expect(away).toEqual(steady);
    }),
  );
});

it('changes to one thing within a tick become the newest of them', () => {
  const log = deltaLog('epoch');
  log.add(seatChange('a', 'Ada'));
  log.add(seatChange('b', 'Bo'));
  log.add({ kind: 'seatGone', seatId: 'a' });
  expect(deltaOf(log.cut())).toMatchObject({ seq: 1, changes: [{ kind: 'seatGone' }, { kind: 'seat' }] });
  expect(log.cut()).toBeUndefined();
});

it('only what is still kept is sent again', () => {
  const log = deltaLog('epoch', 3);
  for (const name of ['1', '2', '3', '4', '5']) {
    log.add(seatChange('a', name));
    log.cut();
  }
  expect(log.since('epoch', 5)).toEqual([]);
  expect(log.since('epoch', 2)).toHaveLength(3);
  expect(log.since('epoch', 1)).toBeUndefined();
  expect(log.since('epoch', 6)).toBeUndefined();
  expect(log.since('another', 5)).toBeUndefined();
});
