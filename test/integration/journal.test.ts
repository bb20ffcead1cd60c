import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JournalEntry } from '../../server/recording/capture/journal.schema.ts';
import { openJournal, parseJournal } from '../../server/recording/capture/journal.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'loggia-journal-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(dir, { recursive: true, force: true });
});

const reached = (samples: number): JournalEntry => ({ type: 'progress', atMs: samples, takeId: 'take', samples });

/** The next write of any open file puts half of its bytes on the disk and fails, as on a disk that is full. */
const failNextWrite = async (): Promise<void> => {
  const file = await open(dir);
  const prototype = Object.getPrototypeOf(file) as typeof file;
  await file.close();
  const { appendFile } = prototype;
  vi.spyOn(prototype, 'appendFile').mockImplementationOnce(async function half(this: typeof file, lines) {
    const bytes = Buffer.from(lines as string);
    await appendFile.call(this, bytes.subarray(0, bytes.length / 2));
    throw new Error('ENOSPC: no space left on device, write');
  });
};

it('a line that the disk did not take is lost alone: later ones are whole again', async () => {
  const path = join(dir, 'events.jsonl');
  const journal = await openJournal(path);
  await journal.append(reached(1));
  await failNextWrite();
  await expect(journal.append(reached(2))).rejects.toThrow('ENOSPC');
  await journal.append(reached(3));
  await journal.close();
  const { entries, corruptLines, tornBytes } = parseJournal(await readFile(path, 'utf8'));
  expect([entries, corruptLines, tornBytes]).toEqual([[reached(1), reached(3)], [], 0]);
});
