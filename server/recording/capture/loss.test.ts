import { describe, expect, it } from 'vitest';
import type { Loss, Reception, Span } from './loss.ts';
import { endLoss, stepLoss } from './loss.ts';

const STEP_MS = 200;

/** Counts every 200 ms from 0 on: packets and made-up milliseconds of each step. */
const run = (
  steps: { packets: number; lost?: number; madeUpMs?: number; muted?: boolean }[],
): { lost: Span[]; open?: Span } => {
  let loss: Loss | undefined;
  let seen: Reception = { packets: 0, packetsLost: 0, concealedSamples: 0, muted: false };
  const lost: Span[] = [];
  const look = (nowMs: number): void => {
    const step = stepLoss(loss, seen, nowMs);
    loss = step.loss;
    if (step.lost) lost.push(step.lost);
  };
  look(0);
  steps.forEach(({ packets, lost: gone = 0, madeUpMs = 0, muted = false }, index) => {
    const concealedSamples = seen.concealedSamples + madeUpMs * 48;
    seen = { packets: seen.packets + packets, packetsLost: seen.packetsLost + gone, concealedSamples, muted };
    look((index + 1) * STEP_MS);
  });
  const open = endLoss(loss, steps.length * STEP_MS);
  return open ? { lost, open } : { lost };
};
const times = <T>(count: number, step: T): T[] => Array.from({ length: count }, () => step);

const speech = { packets: 10 };
const cut = { packets: 0, madeUpMs: 200 };

describe('what the network lost', () => {
  it('is nothing while packets come, in speech and in pauses that send one every 400 ms', () => {
    expect(run([...times(10, speech), ...times(5, [{ packets: 1 }, { packets: 0 }]).flat()])).toEqual({ lost: [] });
  });

  it('is listed to the sample that was made up first and last', () => {
    const steps = [speech, { packets: 5, madeUpMs: 120 }, ...times(3, cut), { packets: 7, madeUpMs: 60 }, speech];
    expect(run(steps)).toEqual({ lost: [{ fromMs: 280, toMs: 1060 }] });
  });

  it('is told from a pause by the packets that do not come, when the speaker paused as the network went', () => {
    expect(run([speech, ...times(20, { packets: 0 }), speech])).toEqual({ lost: [{ fromMs: 200, toMs: 4200 }] });
  });

  it('is told by the numbers missing, when it was over before a pause would have sent a packet', () => {
    const steps = [speech, { packets: 0 }, { packets: 2, lost: 14 }, speech];
    expect(run(steps)).toEqual({ lost: [{ fromMs: 280, toMs: 560 }] });
  });

  it('is not what a muted microphone does not send', () => {
    expect(run([speech, ...times(20, { packets: 0, muted: true }), speech])).toEqual({ lost: [] });
  });

  it('is not a crackle of less than 100 ms', () => {
    expect(run([speech, { packets: 5, madeUpMs: 90 }, speech])).toEqual({ lost: [] });
  });

  it('is listed up to the end of a track that closes meanwhile', () => {
    expect(run([speech, ...times(4, cut)])).toEqual({ lost: [], open: { fromMs: 200, toMs: 1000 } });
  });
});
