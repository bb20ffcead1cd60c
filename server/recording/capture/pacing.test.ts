import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SAMPLE_RATE } from '../timeline.schema.ts';
import {
  GAP_SAMPLES,
  NUDGE_OBSERVATIONS,
  NUDGE_SAMPLES,
  STEADY,
  SURPLUS_SAMPLES,
  isQuiet,
  stepPace,
} from './pacing.ts';

const FRAME = SAMPLE_RATE / 50;

/** What happens in 100 ms: five frames come, or some of them are lost for good, or all come with the next batch. */
type Batch =
  | { kind: 'steady' }
  | { kind: 'lost'; frames: number }
  | { kind: 'late' }
  | { kind: 'extra'; frames: number };

/** Lays batches on a simulated clock as the track writer does, and answers each position beside the clock's. */
const simulate = (batches: readonly Batch[], quiet: boolean) => {
  let pace = STEADY;
  let clock = 0;
  let position = 0;
  let held = 0;
  const seen: { offBy: number; inserted: number; sinceLast: number }[] = [];
  let lastClock = 0;
  for (const batch of batches) {
    clock += 5 * FRAME;
    held += 5 * FRAME;
    if (batch.kind === 'lost') held -= Math.min(held, batch.frames * FRAME);
    if (batch.kind === 'extra') held += batch.frames * FRAME;
    if (batch.kind === 'late' || held === 0) continue;
    const step = stepPace(pace, { lagSamples: clock - (position + held), arrived: held, quiet });
    pace = step.pace;
    const inserted = step.correction
      ? 'insert' in step.correction
        ? step.correction.insert
        : -step.correction.drop
      : 0;
    position += held + inserted;
    held = 0;
    seen.push({ offBy: clock - position, inserted, sinceLast: clock - lastClock });
    lastClock = clock;
  }
  return seen;
};

const batch: fc.Arbitrary<Batch> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Batch>({ kind: 'steady' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lost' as const), frames: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.constant<Batch>({ kind: 'late' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('extra' as const), frames: fc.integer({ min: 1, max: 4 }) }) },
);
const rest: Batch[] = Array.from({ length: 3 * NUDGE_OBSERVATIONS }, () => ({ kind: 'steady' }));

describe('a track held to the clock', () => {
  it('is never more than 100 ms behind after a batch, whatever was lost', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 200 }), (batches) => {
        for (const { offBy } of simulate(batches, false)) expect(offBy).toBeLessThanOrEqual(GAP_SAMPLES);
      }),
    );
  });

  it('is within 30 ms of the clock after three quiet seconds', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 100 }), (batches) => {
        const last = simulate([...batches, ...rest], true).at(-1)!;
        expect(Math.abs(last.offBy)).toBeLessThanOrEqual(NUDGE_SAMPLES);
      }),
    );
  });

  it('never runs more than 250 ms ahead for longer than a second', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 100 }), (batches) => {
        const last = simulate([...batches, ...rest], false).at(-1)!;
        expect(last.offBy).toBeGreaterThanOrEqual(-SURPLUS_SAMPLES);
      }),
    );
  });

  it('never fills more than the clock says has passed, and what was lost before', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 200 }), (batches) => {
        for (const { inserted, sinceLast } of simulate(batches, true)) {
          expect(inserted).toBeLessThanOrEqual(sinceLast + GAP_SAMPLES);
        }
      }),
    );
  });

  it('takes a burst after a stall for what it is: nothing lost, nothing filled', () => {
    const batches: Batch[] = [...rest, { kind: 'late' }, { kind: 'late' }, { kind: 'late' }, ...rest];
    expect(simulate(batches, false).filter(({ inserted }) => inserted !== 0)).toEqual([]);
  });

  it('leaves a small lag alone while somebody speaks', () => {
    const batches: Batch[] = [...rest, { kind: 'lost', frames: 3 }, ...rest];
    expect(simulate(batches, false).at(-1)!.offBy).toBe(3 * FRAME);
  });

  it('fills at once what is missing beyond 100 ms, before the frame that came after it', () => {
    const { correction, pace } = stepPace(STEADY, { lagSamples: GAP_SAMPLES + 1, arrived: FRAME, quiet: false });
    expect(correction).toEqual({ kind: 'gap', insert: GAP_SAMPLES + 1 });
    expect(pace).toEqual(STEADY);
  });
});

describe('silence', () => {
  it('is everything below -50 dBFS', () => {
    expect(isQuiet(new Int16Array([0, 100, -100]))).toBe(true);
    expect(isQuiet(new Int16Array([0, 400, 0]))).toBe(false);
  });
});
