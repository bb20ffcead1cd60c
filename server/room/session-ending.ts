import type { Log } from '../platform/log.ts';
import type { LiveEntry } from './live-registry.ts';
import type { EndReason } from './live-session.ts';

/** Must bear being called again: an ending that could not be written down is run once more. */
export type EndingHook = { name: string; run: (entry: LiveEntry, reason: EndReason) => Promise<void> | void };

/** How long each part of the house may take to end: a recording that hangs must not keep a room live for ever. */
export const ENDING_CAP_MS = 12_000;

type Deps = {
  /** Awaited in order before the live session counts as ended. */
  hooks: readonly EndingHook[];
  /** Writes that it has ended. */
  close: (liveSessionId: string, reason: EndReason) => Promise<void>;
  /** Settles when nothing is being opened under this id any more. */
  opened: (liveSessionId: string) => Promise<unknown> | undefined;
  log: Log;
  capMs?: number;
};

const capped = async (work: Promise<void> | void, capMs: number): Promise<void> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${capMs} ms; going on without it`)), capMs);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** The one way in which live sessions end: everything inside first, then the session itself. */
export const sessionEnding = ({ hooks, close, opened, log, capMs = ENDING_CAP_MS }: Deps) => {
  const underWay = new Map<string, Promise<void>>();
  const unwritten = new Map<string, EndReason>();

  const run = async (entry: LiveEntry, reason: EndReason): Promise<void> => {
    const { liveSessionId } = entry;
    for (const hook of hooks) {
      try {
        await capped(hook.run(entry, reason), capMs);
      } catch (error) {
        log.error({ err: error, liveSessionId, step: hook.name }, 'could not end cleanly');
      }
    }
    unwritten.set(liveSessionId, reason);
    await close(liveSessionId, reason);
    unwritten.delete(liveSessionId);
  };

  const start = async (entry: LiveEntry, reason: EndReason): Promise<void> => {
    await opened(entry.liveSessionId);
    await run(entry, reason);
  };

  return {
    run,
    /** Several at once wait for the same ending. */
    end: (entry: LiveEntry, reason: EndReason): Promise<void> => {
      const id = entry.liveSessionId;
      const ending = underWay.get(id) ?? start(entry, reason).finally(() => underWay.delete(id));
      underWay.set(id, ending);
      return ending;
    },
    /** Settles when the ending under way is over; undefined when there is none. */
    ended: (liveSessionId: string): Promise<void> | undefined => underWay.get(liveSessionId),
    /** Why a live session has ended whose end could not be written down yet. */
    unwrittenReason: (liveSessionId: string): EndReason | undefined => unwritten.get(liveSessionId),
  };
};
