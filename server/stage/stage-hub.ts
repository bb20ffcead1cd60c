import type { StageStream, Views } from './stage-stream.ts';
import { stageStream } from './stage-stream.ts';
import type { EndReason } from './stage-stream.ts';
import type { StageChange, StageNotice } from './stage.schema.ts';
import { CLOSE } from './stage.schema.ts';

/** Changes of this many milliseconds travel together. */
const TICK_MS = 40;
const LOOK_MS = 250;
const PING_MS = 15_000;

/** The event streams of all live sessions, and the clockwork behind them. */
export const stageHub = ({ nowMs = () => performance.now() }: { nowMs?: () => number } = {}) => {
  const streams = new Map<string, StageStream>();
  let tick: NodeJS.Timeout | undefined;

  const forEach = (act: (stream: StageStream) => void): void => streams.forEach((stream) => act(stream));
  const looks = setInterval(() => forEach((stream) => stream.look()), LOOK_MS).unref();
  const pings = setInterval(() => forEach((stream) => stream.ping()), PING_MS).unref();

  const flush = (): void => {
    tick = undefined;
    forEach((stream) => stream.flush());
  };

  return {
    open: (liveSessionId: string, views: Views): void => {
      if (!streams.has(liveSessionId)) streams.set(liveSessionId, stageStream({ views, nowMs }));
    },
    /** undefined: this session is not live here. */
    stream: (liveSessionId: string): StageStream | undefined => streams.get(liveSessionId),

    change: (liveSessionId: string, change: StageChange, to: 'everybody' | 'moderators' = 'everybody'): void => {
      streams.get(liveSessionId)?.change(change, to);
      tick ??= setTimeout(flush, TICK_MS);
    },
    /** Tells one visit alone; nothing happens when it has no socket open. */
    notify: (liveSessionId: string, identity: string, notice: StageNotice): void => {
      streams.get(liveSessionId)?.notify(identity, notice);
    },
    /** Closes the socket of one visit. */
    close: (liveSessionId: string, identity: string, code: number): void => {
      streams.get(liveSessionId)?.close(identity, code);
    },

    /** Tells everybody that the live session is over. */
    end: (liveSessionId: string, reason: EndReason): void => {
      streams.get(liveSessionId)?.end(CLOSE.ended, reason);
      streams.delete(liveSessionId);
    },
    /** Ends all streams with the process: clients come back by themselves. */
    stop: (): void => {
      clearTimeout(tick);
      clearInterval(looks);
      clearInterval(pings);
      forEach((stream) => stream.end(CLOSE.restart));
      streams.clear();
    },
  };
};
export type StageHub = ReturnType<typeof stageHub>;
