import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL_FILE, readTimeline } from './capture/measure-tracks.ts';
import type { Recording } from './takes.store.ts';
import type { RecordingTimeline } from './timeline.schema.ts';

/** More than one list of a host holds, so that a list that is polled reads no journal twice. */
const KEPT = 500;

type Read = { stamp: string | undefined; timeline: RecordingTimeline };

/**
 * Reads the timelines of recordings. That of a closed one changes only with its journal (a voice was withdrawn), so it is
 * read once as long as the journal is the same.
 */
export const timelines = (recordingsDir: string) => {
  const closed = new Map<string, Read>();

  const stampOf = async (id: string): Promise<string | undefined> => {
    const info = await stat(join(recordingsDir, id, JOURNAL_FILE)).catch(() => undefined);
    return info && `${info.size} ${info.mtimeMs}`;
  };

  return {
    of: async ({ id, state }: Pick<Recording, 'id' | 'state'>): Promise<RecordingTimeline> => {
      const stamp = await stampOf(id);
      const kept = closed.get(id);
      if (kept && (stamp === undefined || stamp === kept.stamp)) return kept.timeline;
      const timeline = await readTimeline(join(recordingsDir, id));
      if (state === 'closed') closed.set(id, { stamp, timeline });
      if (closed.size > KEPT) closed.delete(closed.keys().next().value!);
      return timeline;
    },
    forget: (recordingId: string): void => void closed.delete(recordingId),
  };
};

export type Timelines = ReturnType<typeof timelines>;
