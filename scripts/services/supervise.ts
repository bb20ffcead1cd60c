/* Keeping a part alive: when it dies it is started again, at once at first and then ever more slowly. */
import type { ProcessMark } from '../launch/processes.mjs';
import { whenGone } from './process-file.ts';

/** What a part is while it runs. */
export type Running = ProcessMark & { stop: () => Promise<void> };

export type Supervised = {
  /** The process that runs now, or ran last. */
  current: () => ProcessMark;
  /** Ends the watch and then the part. Safe in the middle of a restart. */
  stop: () => Promise<void>;
};

type Options = {
  name: string;
  /** The part as it runs now. */
  running: Running;
  /** Starts it again after it has died. */
  start: () => Promise<Running>;
  say: (line: string) => void;
};

const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** After so long a life, the next death counts as the first again. */
const steadyMs = 60_000;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((wake) => {
    if (signal.aborted) return wake();
    const timer = setTimeout(wake, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), wake()), { once: true });
  });

/** Watches a part until `stop()`. */
export const supervise = ({ name, running, start, say }: Options): Supervised => {
  const ending = new AbortController();
  let current = running;

  const restart = async (pauseMs: number): Promise<void> => {
    say(`${name} has died and is started again`);
    for (let ms = pauseMs; !ending.signal.aborted; ms = Math.min(ms * 2, longestPauseMs)) {
      await pause(ms, ending.signal);
      if (ending.signal.aborted) return;
      try {
        current = await start();
        say(`${name} runs again (pid ${current.pid})`);
        return;
      } catch (error) {
        say(`${name} did not come back: ${(error as Error).message}`);
      }
    }
  };

  const watch = async (): Promise<void> => {
    let pauseMs = firstPauseMs;
    while (!ending.signal.aborted) {
      const since = performance.now();
      await whenGone(current, ending.signal);
      if (ending.signal.aborted) return;
      pauseMs = performance.now() - since > steadyMs ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
      await restart(pauseMs);
    }
  };

  const watched = watch();
  return {
    current: () => current,
    stop: async () => {
      ending.abort();
      await watched;
      await current.stop();
    },
  };
};
