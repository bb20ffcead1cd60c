/**
 * What a take knows of the voices in its room, from LiveKit's word and its own ears: who of the captured speaks (lines
 * of the journal), when somebody who is not captured may be heard by a neighbour's microphone (the gate), and which
 * microphone has stopped coming. No name of somebody who is not captured leaves this file.
 */
import type { Anchor, CaptureClock } from './clock.ts';
import { msOfSamples, samplesAt } from './clock.ts';
import type { Growth } from './growth.ts';
import { UNSEEN, stepGrowth } from './growth.ts';
import type { BleedWatch } from './held-file.ts';
import type { Microphone } from './microphones.ts';
import type { Ears } from './who-speaks.ts';
import { NOBODY, forget, hearNamed } from './who-speaks.ts';

/** As in bleed-gate.ts, in milliseconds. */
const BEFORE_MS = 1_200;
const AFTER_MS = 300;
const HOLD_MS = 1_250;
/** LiveKit's word that somebody captured fell silent may be missed; so long a silence says it as well. */
const SILENT_MS = 1_500;

export type RoomWatchDeps = {
  mayHear: (identity: string) => boolean;
  /** Monotonic ms of the last loud sound of somebody captured; undefined when there was none. */
  loudMs: (identity: string) => number | undefined;
  /** Monotonic ms of the last frame of a track. */
  grownMs: (trackSid: string) => number | undefined;
  onSpeaking: (identity: string, on: boolean, atMs: number) => void;
  onStalled: (trackSid: string) => void;
};

type Span = { fromMs: number; toMs: number };
const overlaps = (spans: readonly Span[], fromMs: number, toMs: number): boolean =>
  spans.some((span) => span.fromMs < toMs && span.toMs > fromMs);

/** All times are monotonic ms. `look` wants to be called several times a second. */
export const roomWatch = ({ mayHear, loudMs, grownMs, onSpeaking, onStalled }: RoomWatchDeps) => {
  let speaking = NOBODY;
  let growth: Growth = UNSEEN;
  let strangers: readonly string[] = [];
  let strangerSeenMs = -Infinity;
  const since = new Map<string, number>();
  let others: Span[] = [];
  let named: { identity: string; span: Span }[] = [];
  const lastNamed = new Map<string, number>();

  const ears = (nowMs: number, quietMs: number): Ears => {
    return (identity) => {
      if (!mayHear(identity)) return undefined;
      return nowMs - (loudMs(identity) ?? -Infinity) < quietMs ? 'loud' : 'quiet';
    };
  };
  const over = (identity: string, nowMs: number): void => {
    others.push({ fromMs: since.get(identity) ?? nowMs - BEFORE_MS, toMs: nowMs + AFTER_MS });
    since.delete(identity);
  };
  const become = (next: typeof speaking, nowMs: number): void => {
    for (const identity of next.keys()) {
      if (speaking.has(identity)) continue;
      if (mayHear(identity)) onSpeaking(identity, true, nowMs);
      else since.set(identity, nowMs - BEFORE_MS);
    }
    for (const identity of speaking.keys()) {
      if (next.has(identity)) continue;
      if (since.has(identity)) over(identity, nowMs);
      else onSpeaking(identity, false, nowMs);
    }
    speaking = next;
  };
  const findStalled = (microphones: readonly Microphone[], nowMs: number): void => {
    const heard = microphones.filter(({ identity }) => mayHear(identity));
    const looks = heard.map((one) => {
      return { ...one, grownMs: grownMs(one.trackSid), namedMs: lastNamed.get(one.identity) };
    });
    const step = stepGrowth(growth, looks, nowMs);
    growth = step.growth;
    step.stalled.forEach(onStalled);
  };
  /** Consent may change while its owner speaks. */
  const seeConsent = (nowMs: number): void => {
    for (const identity of speaking.keys()) {
      if (mayHear(identity) === !since.has(identity)) continue;
      if (since.has(identity)) over(identity, nowMs);
      else since.set(identity, nowMs - BEFORE_MS);
    }
  };
  const seeStrangers = (now: readonly string[], nowMs: number): void => {
    // Whoever mutes may have spoken until then, and LiveKit's word on it does not come any more.
    for (const identity of strangers) if (!now.includes(identity)) over(identity, nowMs);
    strangers = now;
    if (now.length > 0) strangerSeenMs = nowMs;
  };

  return {
    named: (identities: readonly string[], nowMs: number): void => {
      for (const identity of identities) {
        lastNamed.set(identity, nowMs);
        if (mayHear(identity)) named.push({ identity, span: { fromMs: nowMs - BEFORE_MS, toMs: nowMs } });
      }
      become(hearNamed(speaking, identities, nowMs, ears(nowMs, AFTER_MS)), nowMs);
    },
    look: (microphones: readonly Microphone[], nowMs: number): void => {
      const open = microphones.filter(({ muted }) => !muted).map(({ identity }) => identity);
      seeStrangers([...new Set(open.filter((identity) => !mayHear(identity)))], nowMs);
      seeConsent(nowMs);
      const sounds = ears(nowMs, SILENT_MS);
      const isThere = (identity: string): boolean => open.includes(identity) && sounds(identity) !== 'quiet';
      become(forget(speaking, isThere, nowMs), nowMs);
      findStalled(microphones, nowMs);
      others = others.filter(({ toMs }) => nowMs - toMs < 2 * HOLD_MS);
      named = named.filter(({ span }) => nowMs - span.toMs < 2 * HOLD_MS);
    },
    holding: (nowMs: number): boolean => nowMs - strangerSeenMs < HOLD_MS,
    mayHoldOthers: (fromMs: number, toMs: number): boolean =>
      overlaps(others, fromMs, toMs) || [...since.values()].some((atMs) => atMs < toMs),
    namesOwner: (owner: string, fromMs: number, toMs: number): boolean =>
      named.some(({ identity, span }) => identity === owner && overlaps([span], fromMs, toMs)),
  };
};
export type RoomWatch = ReturnType<typeof roomWatch>;

/** The same on the timeline of a take, for the microphone of one owner. */
export const bleedWatchOf = (watch: RoomWatch, owner: string, anchor: Anchor, clock: CaptureClock): BleedWatch => {
  const ms = (sample: number): number => anchor.monotonicMs + msOfSamples(sample);
  return {
    holding: () => watch.holding(clock.monotonicMs()),
    nowSample: () => samplesAt(anchor, clock.monotonicMs()),
    mayHoldOthers: (from, to) => watch.mayHoldOthers(ms(from), ms(to)),
    namesOwner: (from, to) => watch.namesOwner(owner, ms(from), ms(to)),
  };
};
