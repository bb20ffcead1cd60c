import { describe, expect, it } from 'vitest';
import type { JournalEntry } from './journal.schema.ts';
import { journalLine, parseJournal } from './journal.ts';

const progress = (samples: number): JournalEntry => ({ type: 'progress', atMs: 1, takeId: 'take', samples });
const text = [48_000, 96_000, 144_000].map((samples) => journalLine(progress(samples))).join('');

describe('the journal', () => {
  it('reads back what was written', () => {
    expect(parseJournal(text)).toEqual({
      entries: [progress(48_000), progress(96_000), progress(144_000)],
      corruptLines: [],
      tornBytes: 0,
    });
  });

  it('cut at any byte gives every whole line before the cut and calls the rest torn', () => {
    for (let cut = 0; cut <= text.length; cut++) {
      const { entries, corruptLines, tornBytes } = parseJournal(text.slice(0, cut));
      expect(entries).toHaveLength(text.slice(0, cut).split('\n').length - 1);
      expect(corruptLines).toEqual([]);
      expect(tornBytes).toBe(cut - text.slice(0, cut).lastIndexOf('\n') - 1);
    }
  });

  it('names a line whose bytes were changed and keeps the others', () => {
    const { entries, corruptLines } = parseJournal(text.replace('96000', '96001'));
    expect(entries).toEqual([progress(48_000), progress(144_000)]);
    expect(corruptLines).toEqual([2]);
  });

  it('names a line of a kind it does not know', () => {
    const line = journalLine({ ...progress(1), type: 'mystery' } as unknown as JournalEntry);
    expect(parseJournal(text + line).corruptLines).toEqual([4]);
  });

  it('survives a hole of zeros', () => {
    const holed = `${text.slice(0, 10)}${'\0'.repeat(40)}${text.slice(50)}`;
    expect(parseJournal(holed)).toMatchObject({ corruptLines: [1] });
    expect(parseJournal(holed).entries).toHaveLength(2);
  });
});
