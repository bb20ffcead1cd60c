import type { Take } from './take.ts';
import type { Recording } from './takes.store.ts';

/**
 * The open recordings of live sessions as this process knows them. Their rows are the copy that outlives it; what is
 * here decides at once, also while the database is away.
 */
export const openRecordings = () => {
  const byId = new Map<string, Recording>();

  const take = (takeId: string): Take | undefined => {
    for (const { takes } of byId.values()) {
      const found = takes.find(({ id }) => id === takeId);
      if (found) return found;
    }
    return undefined;
  };

  return {
    put: (recording: Recording): void => void byId.set(recording.id, recording),
    /** Adds or replaces a take of a recording that is known. */
    putTake: (next: Take): void => {
      const recording = byId.get(next.recordingId);
      if (!recording) return;
      const others = recording.takes.filter(({ id }) => id !== next.id);
      byId.set(recording.id, { ...recording, takes: [...others, next].toSorted((a, b) => a.ordinal - b.ordinal) });
    },
    remove: (recordingId: string): void => void byId.delete(recordingId),
    byId: (recordingId: string): Recording | undefined => byId.get(recordingId),
    ofSession: (liveSessionId: string): Recording | undefined =>
      [...byId.values()].find((recording) => recording.liveSessionId === liveSessionId),
    take,
  };
};

export type OpenRecordings = ReturnType<typeof openRecordings>;
