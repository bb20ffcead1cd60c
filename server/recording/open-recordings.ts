import { furtherTake } from './take.ts';
import type { Take } from './take.ts';
import type { Recording } from './takes.store.ts';

/** No take is led back, and none is forgotten. */
const together = (known: readonly Take[], told: readonly Take[]): Take[] => {
  const all = new Map(known.map((take) => [take.id, take]));
  for (const take of told) all.set(take.id, furtherTake(all.get(take.id) ?? take, take));
  return [...all.values()].toSorted((a, b) => a.ordinal - b.ordinal);
};

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
    /** Takes in what rows say, which may be old by the time it is here; answers what is known now. */
    put: (recording: Recording): Recording => {
      const known = { ...recording, takes: together(byId.get(recording.id)?.takes ?? [], recording.takes) };
      byId.set(recording.id, known);
      return known;
    },
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
