import type { RoomPolicy } from './room.schema.ts';

/** What every hot path needs to know of a live session. Replaced, never mutated, when the room changes. */
export type LiveEntry = {
  readonly liveSessionId: string;
  readonly roomId: string;
  readonly slug: string;
  readonly title: string;
  readonly topic: string;
  readonly hostId: string;
  readonly hostName: string;
  readonly policy: RoomPolicy;
  readonly startedAt: Date;
};

/**
 * The live sessions, in memory: filled at boot from the rows, changed at start, end and update. An anonymous join
 * reads nothing else.
 */
export type LiveRegistry = {
  put: (entry: LiveEntry) => void;
  remove: (liveSessionId: string) => void;
  bySlug: (slug: string) => LiveEntry | undefined;
  byId: (liveSessionId: string) => LiveEntry | undefined;
  all: () => LiveEntry[];
};

export const liveRegistry = (): LiveRegistry => {
  const bySlug = new Map<string, LiveEntry>();
  const byId = new Map<string, LiveEntry>();
  return {
    put: (entry) => {
      bySlug.set(entry.slug, entry);
      byId.set(entry.liveSessionId, entry);
    },
    remove: (liveSessionId) => {
      const entry = byId.get(liveSessionId);
      byId.delete(liveSessionId);
      if (entry && bySlug.get(entry.slug)?.liveSessionId === liveSessionId) bySlug.delete(entry.slug);
    },
    bySlug: (slug) => bySlug.get(slug),
    byId: (liveSessionId) => byId.get(liveSessionId),
    all: () => [...byId.values()],
  };
};
