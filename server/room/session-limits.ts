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
  /** Why a live session has ended whose end could not be written down yet. */
  unwrittenReason: (liveSessionId: string) => EndReason | undefined;
  end: (entry: LiveEntry, reason: EndReason) => Promise<void>;
  clock: Clock;
  log: Log;
};

/**
 * Live sessions end by our own rules only: after so many hours, or when nobody has been on the stage for so many
 * minutes. LiveKit's rooms are made with timeouts of a day. What had ended while Postgres was away is ended again.
 */
export const sessionLimits = ({ config, registry, emptySince, unwrittenReason, end, clock, log }: Deps) => {
  let timer: NodeJS.Timeout | undefined;

  const reasonToEnd = (entry: LiveEntry, nowMs: number): EndReason | undefined => {
    const { liveSessionId, startedAt } = entry;
    const unwritten = unwrittenReason(liveSessionId);
    if (unwritten) return unwritten;
    if (nowMs - startedAt.getTime() >= config.maxSessionHours * 60 * minuteMs) return 'maximum';
    const empty = emptySince(liveSessionId);
    return empty && nowMs - empty.getTime() >= config.emptyStageMinutes * minuteMs ? 'empty' : undefined;
  };

  /** One that cannot be ended keeps no other from ending; the next look tries again. */
  const check = async (): Promise<void> => {
    const nowMs = clock.now().getTime();
    await Promise.all(
      registry.all().map(async (entry) => {
        const reason = reasonToEnd(entry, nowMs);
        if (!reason) return;
        await end(entry, reason).catch((error: unknown) =>
          log.error({ err: error, liveSessionId: entry.liveSessionId }, 'a live session could not be ended'),
        );
      }),
    );
  };

  return {
    check,
    start: (): void => {
      timer = setInterval(() => void check(), lookEveryMs).unref();
    },
    stop: (): void => clearInterval(timer),
  };
};
