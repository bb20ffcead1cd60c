import type { Config } from '../config.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { LiveEntry, LiveRegistry } from './live-registry.ts';
import type { EndReason } from './live-session.ts';

const lookEveryMs = 10_000;
const minuteMs = 60_000;

type Deps = {
  config: Pick<Config, 'maxSessionHours' | 'emptyStageMinutes'>;
  registry: LiveRegistry;
  /** Since when nobody has been connected on the stage; undefined while somebody is. */
  emptySince: (liveSessionId: string) => Date | undefined;
  end: (entry: LiveEntry, reason: EndReason) => Promise<void>;
  clock: Clock;
  log: Log;
};

/**
 * Live sessions end by our own rules only: after so many hours, or when nobody has been on the stage for so many
 * minutes. LiveKit's rooms are made with timeouts of a day.
 */
export const sessionLimits = ({ config, registry, emptySince, end, clock, log }: Deps) => {
  let timer: NodeJS.Timeout | undefined;

  const reasonToEnd = (entry: LiveEntry, nowMs: number): EndReason | undefined => {
    if (nowMs - entry.startedAt.getTime() >= config.maxSessionHours * 60 * minuteMs) return 'maximum';
    const empty = emptySince(entry.liveSessionId);
    return empty && nowMs - empty.getTime() >= config.emptyStageMinutes * minuteMs ? 'empty' : undefined;
  };

  const check = async (): Promise<void> => {
    const nowMs = clock.now().getTime();
    for (const entry of registry.all()) {
      const reason = reasonToEnd(entry, nowMs);
      if (reason) await end(entry, reason);
    }
  };

  return {
    check,
    start: (): void => {
      timer = setInterval(() => {
        check().catch((error: unknown) => log.error({ err: error }, 'could not look for live sessions to end'));
      }, lookEveryMs).unref();
    },
    stop: (): void => clearInterval(timer),
  };
};
