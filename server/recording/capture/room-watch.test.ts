import { describe, expect, it } from 'vitest';
import { roomWatch } from './room-watch.ts';

/** Ada is captured, Cy is not. Ada's microphone was last loud and last grew when the test says. */
const room = (loud: () => number | undefined = () => undefined, grown: () => number | undefined = () => undefined) => {
  const said: string[] = [];
  const consent = new Set(['ada']);
  const watch = roomWatch({
    mayHear: (identity) => consent.has(identity),
    loudMs: loud,
    grownMs: grown,
    onSpeaking: (identity, on, atMs) => said.push(`${identity} ${on ? 'on' : 'off'} ${atMs}`),
    onStalled: (trackSid) => said.push(`stalled ${trackSid}`),
  });
  return { watch, said, consent };
};
const mic = (identity: string, muted = false) => ({ identity, trackSid: `TR_${identity}`, muted });
const BOTH = [mic('ada'), mic('cy')];

describe('what a take knows of its room', () => {
  it('holds nothing back while every open microphone is captured', () => {
    const { watch } = room();
    watch.look([mic('ada'), mic('cy', true)], 0);
    expect(watch.holding(0)).toBe(false);
    watch.look(BOTH, 100);
    expect(watch.holding(100)).toBe(true);
  });

  it('holds on for what may still be told after the other has muted', () => {
    const { watch } = room();
    watch.look(BOTH, 0);
    watch.look([mic('ada'), mic('cy', true)], 100);
    expect([watch.holding(200), watch.holding(2_000)]).toEqual([true, false]);
    expect([watch.mayHoldOthers(-1_000, 0), watch.mayHoldOthers(500, 600)]).toEqual([true, false]);
  });

  it('another voice may be heard from before the word about it until after the word that it is over', () => {
    const { watch } = room();
    watch.look(BOTH, 0);
    watch.named(['cy'], 5_000);
    watch.named([], 8_000);
    const asked = [3_700, 3_900, 7_000, 8_200, 8_400].map((at) => watch.mayHoldOthers(at, at + 20));
    expect(asked).toEqual([false, true, true, true, false]);
  });

  it('writes down when a captured voice begins and ends, and never the name of another', () => {
    const { watch, said } = room(() => 3_000);
    watch.look(BOTH, 0);
    watch.named(['cy'], 1_000);
    watch.named(['ada'], 3_200);
    watch.named([], 4_000);
    watch.named([], 6_000);
    expect(said).toEqual(['ada on 3200', 'ada off 4000']);
  });

  it('a captured voice that fell silent while the word was missed is over after a second and a half', () => {
    const { watch, said } = room(() => 3_000);
    watch.named(['ada'], 3_200);
    watch.look(BOTH, 4_400);
    watch.look(BOTH, 4_600);
    expect(said).toEqual(['ada on 3200', 'ada off 4600']);
  });

  it('consent that changes in the middle of a sentence counts from then on', () => {
    const { watch, consent, said } = room(() => 10_000);
    watch.look(BOTH, 0);
    watch.named(['ada', 'cy'], 1_000);
    consent.add('cy');
    consent.delete('ada');
    watch.look(BOTH, 2_000);
    expect([watch.mayHoldOthers(1_500, 1_600), watch.mayHoldOthers(9_000, 9_100)]).toEqual([true, true]);
    watch.look([mic('cy')], 3_000);
    expect(watch.mayHoldOthers(9_000, 9_100)).toBe(false);
    expect(said.some((line) => line.startsWith('cy'))).toBe(false);
  });

  it('asks anew for a microphone that LiveKit hears and whose file does not grow', () => {
    const { watch, said } = room(
      () => 1_000,
      () => 1_000,
    );
    for (let at = 0; at <= 6_000; at += 100) {
      if (at % 400 === 0) watch.named(['ada'], at);
      watch.look(BOTH, at);
    }
    expect(said.filter((line) => line.startsWith('stalled'))).toEqual(['stalled TR_ada']);
  });
});
