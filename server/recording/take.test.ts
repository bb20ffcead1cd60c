import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPaused, isRunning, stepTake, TAKE_TABLE } from './take.ts';
import type { Take, TakeEvent } from './take.ts';

const start = (): Take => ({ id: 't', recordingId: 'r', ordinal: 1, name: null, state: 'starting' });

const anyEvent: fc.Arbitrary<TakeEvent> = fc.oneof(
  fc.record({ type: fc.constant('captured' as const), startedAtMs: fc.nat() }),
  fc.record({
    type: fc.constant('stopAsked' as const),
    reason: fc.constantFrom('stopped' as const, 'paused' as const),
  }),
  fc.record({
    type: fc.constant('closed' as const),
    stoppedAtMs: fc.nat(),
    lengthSamples: fc.nat(),
    reason: fc.constantFrom('stopped', 'paused', 'roomEnded', 'diskLow'),
  }),
  fc.record({ type: fc.constant('pauseEnded' as const) }),
  fc.record({ type: fc.constant('lost' as const), code: fc.constant('capture-lost' as const), detail: fc.string() }),
);

const walk = (events: TakeEvent[]): Take[] =>
  events.reduce<Take[]>((takes, event) => [...takes, stepTake(takes.at(-1)!, event) ?? takes.at(-1)!], [start()]);

describe('a take', () => {
  it('moves only along its table, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        let take = start();
        for (const event of events) {
          const after = stepTake(take, event);
          const means = event.type !== 'pauseEnded' || isPaused(take);
          expect(after?.state).toBe(means ? TAKE_TABLE[take.state][event.type] : undefined);
          take = after ?? take;
        }
      }),
    );
  });

  it('never runs again once closed, and a lost one can only be recovered as closed', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        const states = walk(events).map((take) => take.state);
        const closed = states.indexOf('closed');
        if (closed >= 0) expect(new Set(states.slice(closed))).toEqual(new Set(['closed']));
        const lost = states.indexOf('lost');
        if (lost >= 0) expect(states.slice(lost).every((state) => state === 'lost' || state === 'closed')).toBe(true);
      }),
    );
  });

  it('keeps the instant of its first sample through everything that follows', () => {
    const [, capturing, closing, closed] = walk([
      { type: 'captured', startedAtMs: 1_000 },
      { type: 'stopAsked', reason: 'stopped' },
      { type: 'closed', stoppedAtMs: 3_000, lengthSamples: 96_000, reason: 'stopped' },
    ]);
    expect(capturing).toMatchObject({ state: 'capturing', startedAtMs: 1_000 });
    expect(closing).toMatchObject({ state: 'closing', startedAtMs: 1_000 });
    expect(closed).toMatchObject({ state: 'closed', startedAtMs: 1_000, stoppedAtMs: 3_000, lengthSamples: 96_000 });
    expect([start(), capturing!, closing!, closed!].map(isRunning)).toEqual([true, true, true, false]);
  });

  it('is paused from a pause until a stop, and a stop that comes after the pause does not change why it ended', () => {
    const pause: TakeEvent[] = [
      { type: 'captured', startedAtMs: 1_000 },
      { type: 'stopAsked', reason: 'paused' },
      { type: 'stopAsked', reason: 'stopped' },
      { type: 'closed', stoppedAtMs: 3_000, lengthSamples: 96_000, reason: 'paused' },
    ];
    const paused = walk(pause).at(-1)!;
    const stopped = walk([...pause, { type: 'pauseEnded' }]).at(-1)!;
    expect([isPaused(paused), isPaused(stopped)]).toEqual([true, false]);
    expect(stopped).toEqual({ ...paused, stopReason: 'stopped' });
  });
});
