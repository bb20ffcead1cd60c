/**
 * The journal of a recording, `events.jsonl`: append-only, one line per event, each `<crc32 in hex> <json>`, on the
 * disk before anything is built on it. Together with the track files it is the truth about a recording; the rows of
 * the database are rebuilt from it.
 */
import { open, readFile, truncate } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { flushName } from '../../platform/durable.ts';
import type { JournalEntry } from './journal.schema.ts';
import { JournalEntrySchema } from './journal.schema.ts';

/** What could be read: entries in order, the numbers of lines that fail their checksum or schema, bytes of a torn end. */
export type JournalContent = { entries: JournalEntry[]; corruptLines: number[]; tornBytes: number };

const checksum = (json: string): string => crc32(json).toString(16).padStart(8, '0');

export const journalLine = (entry: JournalEntry): string => {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
};

const parseLine = (line: string): JournalEntry | undefined => {
  const json = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(json)} `) return undefined;
  return JournalEntrySchema.safeParse(JSON.parse(json)).data;
};

/** Reads the text of a journal. A last line without its end is torn, not corrupt: the machine died while writing it. */
export const parseJournal = (text: string): JournalContent => {
  const lines = text.split('\n');
  const torn = lines.pop() ?? '';
  const content: JournalContent = { entries: [], corruptLines: [], tornBytes: Buffer.byteLength(torn) };
  lines.forEach((line, index) => {
    const entry = parseLine(line);
    if (entry) content.entries.push(entry);
    else content.corruptLines.push(index + 1);
  });
  return content;
};

/** Reads a journal file; a missing one is empty. */
export const readJournal = async (path: string): Promise<JournalContent> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return parseJournal(text);
};

export type Journal = {
  /** Everything before this process. */
  past: JournalContent;
  /**
   * Resolves when the line is on the disk; lines keep the order of the calls, and calls share one fdatasync. Rejects when
   * the disk does not take it; a later line may fare better.
   */
  append: (entry: JournalEntry) => Promise<void>;
  close: () => Promise<void>;
};

/** Opens the journal of a recording's folder for appending, after cutting off a torn last line. */
export const openJournal = async (path: string): Promise<Journal> => {
  const past = await readJournal(path);
  const file = await open(path, 'a', 0o600);
  if (past.tornBytes > 0) await truncate(path, (await file.stat()).size - past.tornBytes);
  await flushName(path);
  let { size } = await file.stat();
  let waiting = '';
  let flushed: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    queued = undefined;
    const text = waiting;
    waiting = '';
    // What an earlier write left of its lines before it failed
    if ((await file.stat()).size > size) await file.truncate(size);
    await file.appendFile(text);
    await file.datasync();
    size += Buffer.byteLength(text);
  };
  const append = (entry: JournalEntry): Promise<void> => {
    waiting += journalLine(entry);
    if (!queued) {
      queued = flushed.then(flush);
      flushed = queued.catch(() => {});
    }
    return queued;
  };
  const close = async (): Promise<void> => {
    await flushed;
    await file.close();
  };
  return { past, append, close };
};
