import type { Log } from '../platform/log.ts';

/**
 * Runs `work` every `periodMs`, never twice at once, until stopped. A failure is logged when it begins and when it has
 * passed, not every time. `stop` waits for the run under way.
 */
export const repeat = (name: string, periodMs: number, work: () => Promise<void>, log: Log) => {
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = true;
  let failing = false;

  const run = async (): Promise<void> => {
    const startedAt = performance.now();
    try {
      await work();
      if (failing) log.info({ loop: name }, 'works again');
      failing = false;
    } catch (error) {
      if (!failing) log.error({ loop: name, err: error }, 'fails; trying on');
      failing = true;
    }
    if (!stopped) timer = setTimeout(begin, Math.max(0, periodMs - (performance.now() - startedAt)));
  };
  const begin = (): void => {
    running = run();
  };

  return {
    start: (): void => {
      if (!stopped) return;
      stopped = false;
      begin();
    },
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
