import { describe, expect, it } from 'vitest';
import { RecordingTimelineSchema } from '../timeline.schema.ts';
import type { CaptureClock } from './clock.ts';
import type { JournalEntry } from './journal.schema.ts';
import { takePast } from './take-past.ts';
import { timelineOf } from './timeline.ts';

const atMs = 1_700_000_000_000;
const takeId = 'take-1';
const ada = { identity: 's_ada', speaker: 'Ada', seatId: 'ada', consentId: 'yes-1', published: true };
const bo = { identity: 's_bo', speaker: 'Bo', seatId: 'bo', consentId: 'yes-2', published: false };
const anchor = { bootId: 'boot', monotonicMs: 5_000, wallMs: atMs };
const started: JournalEntry = { type: 'takeStarted', atMs, takeId, ordinal: 0, anchor };
const adaOpened: JournalEntry = {
  type: 'trackOpened',
  atMs,
  takeId,
  file: 'raw/a-1.flac',
  trackSid: 'TR_a',
  epoch: 1,
  offsetSamples: 0,
  ...ada,
};
const boOpened: JournalEntry = {
  type: 'trackOpened',
  atMs,
  takeId,
  file: 'raw/b-1.flac',
  trackSid: 'TR_b',
  epoch: 1,
  offsetSamples: 24_000,
  ...bo,
};
const stall = { fromSample: 96_000, toSample: 120_000 };
const whole: JournalEntry[] = [
  { type: 'captureStarted', atMs, recordingId: 'rec', pid: 1 },
  started,
  adaOpened,
  boOpened,
  { type: 'gap', atMs, takeId, file: 'raw/b-1.flac', ...stall, reason: 'stalled' },
  { type: 'trackClosed', atMs, takeId, file: 'raw/b-1.flac', lengthSamples: 200_000 },
  { type: 'trackClosed', atMs, takeId, file: 'raw/a-1.flac', lengthSamples: 480_000 },
  { type: 'takeStopped', atMs, takeId, samples: 480_100, reason: 'stopped' },
];
const clock = (bootId: string, monotonicMs: number, wallMs: number): CaptureClock => ({
  bootId,
  monotonicMs: () => monotonicMs,
  wallMs: () => wallMs,
});

describe('the timeline of a journal', () => {
  it('lays every file where it was opened, with its own gaps', () => {
    const [take] = RecordingTimelineSchema.parse(timelineOf(whole)).takes;
    expect(take).toMatchObject({ takeId, startedAtMs: atMs, lengthSamples: 480_100, state: 'closed', gaps: [] });
    expect(take!.tracks).toMatchObject([
      { speaker: 'Ada', published: true, offsetSamples: 0, lengthSamples: 480_000, gaps: [] },
      { speaker: 'Bo', published: false, offsetSamples: 24_000, lengthSamples: 200_000, gaps: [stall] },
    ]);
  });

  it('orders takes by their ordinal, whatever the order of the lines', () => {
    const second = whole.map((entry) => ('takeId' in entry ? { ...entry, takeId: 'take-2' } : entry));
    const renumbered = second.map((entry) => (entry.type === 'takeStarted' ? { ...entry, ordinal: 1 } : entry));
    expect(timelineOf([...renumbered, ...whole]).takes.map((take) => take.takeId)).toEqual(['take-1', 'take-2']);
  });

  it('gives a take that nobody stopped the length that is on the disk', () => {
    const [take] = timelineOf([started, adaOpened], { 'raw/a-1.flac': 90_112 }).takes;
    expect(take).toMatchObject({ state: 'open', stopReason: null, lengthSamples: 90_112 });
  });

  it('lists an absence of the capture with the take, not with a file', () => {
    const absence = { fromSample: 100_000, toSample: 340_000, reason: 'captureLost' as const };
    const [take] = timelineOf([...whole, { type: 'gap', atMs, takeId, file: null, ...absence }]).takes;
    expect(take!.gaps).toEqual([absence]);
    expect(take!.tracks[0]!.gaps).toEqual([]);
  });

  it('is empty for an empty journal', () => {
    expect(timelineOf([])).toEqual({ takes: [] });
  });
});

describe('the past of a take that was lost', () => {
  const entries: JournalEntry[] = [started, adaOpened, { type: 'progress', atMs, takeId, samples: 96_000 }];

  it('ends where its longest file ends, not where the journal hoped to be', () => {
    const past = takePast(takeId, entries, { 'raw/a-1.flac': 90_112 }, clock('boot', 9_000, atMs + 4_000));
    expect(past).toEqual({ anchor, reachedSamples: 90_112, epochs: new Map([['TR_a', 1]]) });
  });

  it('ends at the last position of the journal when nobody was heard', () => {
    const silent = entries.filter((entry) => entry.type !== 'trackOpened');
    expect(takePast(takeId, silent, {}, clock('boot', 9_000, atMs))?.reachedSamples).toBe(96_000);
  });

  it('keeps its place by the wall clock when the machine was started again in between', () => {
    const past = takePast(takeId, entries, {}, clock('next boot', 2_000, atMs + 60_000));
    expect(past?.anchor).toEqual({ bootId: 'next boot', monotonicMs: -58_000, wallMs: atMs });
  });

  it('does not exist for a take that was stopped, or never began', () => {
    expect(takePast(takeId, whole, {}, clock('boot', 9_000, atMs))).toBeUndefined();
    expect(takePast('another', entries, {}, clock('boot', 9_000, atMs))).toBeUndefined();
  });
});
