import { expect, it, vi } from 'vitest';
import { createLog } from '../platform/log.ts';
import type { Log } from '../platform/log.ts';
import { openRecordings } from './open-recordings.ts';
import { rowKeeper } from './row-keeper.ts';
import { takeBook } from './take-book.ts';
import type { Take } from './take.ts';

const log = createLog({ level: 'silent' }) as Log;
const owner = { recordingId: 'r', liveSessionId: 'l' };

it('a take whose row was moved when the database went away before it could say so gets its master', async () => {
  vi.useFakeTimers();
  let row: Take = { id: 't', recordingId: 'r', ordinal: 1, name: null, state: 'capturing', startedAtMs: 0 };
  let answers = false;
  const queued: string[] = [];
  const open = openRecordings();
  const opened = { id: 'r', liveSessionId: 'l', identity: '', name: null, createdAt: new Date(0) };
  open.put({ ...opened, state: 'open', takes: [row] });
  const book = takeBook({
    takes: {
      take: async () => row,
      moveTake: async (_from, next) => {
        row = next;
        if (answers) return true;
        answers = true;
        throw Object.assign(new Error('away'), { code: 'P1017' });
      },
    },
    open,
    rows: rowKeeper(log),
    render: { queueMaster: async (recordingId) => (queued.push(recordingId), 'm') },
    setLight: () => {},
    timelineOf: async () => ({ takes: [] }),
    log,
  });
  await book.close(owner, { takeId: 't', samples: 48_000, stoppedAtMs: 1_000, reason: 'stopped' });
  expect([row.state, queued]).toEqual(['closed', []]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(queued).toEqual(['r']);
  vi.useRealTimers();
});
