import { describe, expect, it } from 'vitest';
import type { JournalEntry } from './journal.schema.ts';
import { parseJournal, journalLine } from './journal.ts';
import { timelineOf } from './timeline.ts';
import { takesWith } from './withdraw.ts';

const atMs = 1_700_000_000_000;
const anchor = { bootId: 'boot', monotonicMs: 0, wallMs: atMs };
const ada = { identity: 's_ada', speaker: 'Ada', seatId: 'ada', consentId: 'ada-1', published: true };
const bo = { identity: 's_bo', speaker: 'Bo', seatId: 'bo', consentId: 'bo-1', published: true };
const words = { wording: 'May your voice be recorded?', language: 'en' };

const started = (takeId: string, ordinal: number): JournalEntry => ({
  ...{ type: 'takeStarted', atMs, takeId, ordinal, anchor },
});
const consent = (takeId: string, speaker: typeof ada, atSample = 0): JournalEntry => ({
  ...{ type: 'consent', atMs, takeId, atSample, ...words, ...speaker },
});
const opened = (takeId: string, speaker: typeof ada, epoch = 1): JournalEntry => {
  const file = `raw/${takeId}-TR_${speaker.seatId}-${epoch}.flac`;
  const track = { file, trackSid: `TR_${speaker.seatId}`, epoch, offsetSamples: 0 };
  return { type: 'trackOpened', atMs, takeId, ...track, ...speaker };
};
const withdrawn = (seatId: string, erased: boolean): JournalEntry => ({ type: 'withdrawn', atMs, seatId, erased });

const twoTakes = [started('one', 0), opened('one', ada), opened('one', bo), started('two', 1), opened('two', bo)];
const voices = (entries: JournalEntry[]): Record<string, boolean>[] =>
  timelineOf(entries).takes.map(({ tracks }) =>
    Object.fromEntries(tracks.map((track) => [`${track.speaker} ${track.epoch}`, track.published])),
  );

describe('the timeline', () => {
  it('has marks and the consent in force, each where it counts from', () => {
    const mark: JournalEntry = { type: 'mark', atMs, takeId: 'one', markId: 'm', atSample: 9_600, label: 'cut this' };
    const later = { ...bo, consentId: 'bo-2', published: false };
    const [take] = timelineOf([...twoTakes, consent('one', bo), mark, consent('one', later, 4_800)]).takes;
    expect(take!.marks).toEqual([{ markId: 'm', atSample: 9_600, label: 'cut this' }]);
    const { identity: _, ...row } = { ...bo, ...words };
    expect(take!.consents).toEqual([
      { ...row, atSample: 0 },
      { ...row, consentId: 'bo-2', published: false, atSample: 4_800 },
    ]);
  });

  it('of a journal from before there were marks and consents has none', () => {
    const { entries, corruptLines } = parseJournal(twoTakes.map(journalLine).join(''));
    expect(corruptLines).toEqual([]);
    expect(timelineOf(entries).takes).toMatchObject([
      { marks: [], consents: [] },
      { marks: [], consents: [] },
    ]);
  });

  it('has a voice that was taken back in no take as published, nor in a track opened later under the same consent', () => {
    expect(voices([...twoTakes, withdrawn('bo', false), opened('two', bo, 2)])).toEqual([
      { 'Ada 1': true, 'Bo 1': false },
      { 'Bo 1': false, 'Bo 2': false },
    ]);
  });

  it('has it again under an answer that was given afterwards', () => {
    const again = { ...bo, consentId: 'bo-2' };
    expect(voices([...twoTakes, withdrawn('bo', false), consent('two', again), opened('two', again, 2)])).toEqual([
      { 'Ada 1': true, 'Bo 1': false },
      { 'Bo 1': false, 'Bo 2': true },
    ]);
  });

  it('has nothing of a voice that was erased', () => {
    const lines = [...twoTakes, withdrawn('bo', false), withdrawn('bo', true)];
    expect(voices(lines)).toEqual([{ 'Ada 1': true }, {}]);
  });
});

describe('the takes whose replay may hold a voice', () => {
  it('are those in which it was captured to be published', () => {
    const silent = { ...ada, seatId: 'cy', published: false };
    const entries = [...twoTakes, opened('two', silent)];
    expect([...takesWith('bo', entries)]).toEqual(['one', 'two']);
    expect([...takesWith('ada', entries)]).toEqual(['one']);
    expect([...takesWith('cy', entries)]).toEqual([]);
  });
});
