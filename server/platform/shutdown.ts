/**
 * How the process ends: phase by phase, in the order in which people notice. Within a phase everything stops at
 * once, and no phase waits longer than its cap, so that a stuck socket cannot keep a recording from being closed.
 */
import type { Log } from './log.ts';

export type Stop = (signal: AbortSignal) => Promise<void> | void;
export type Phase = { name: string; capMs: number };

export type Shutdown = {
  /** Registers what has to stop in a phase; `signal` aborts when the phase's cap is reached. */
  add: (phase: string, name: string, stop: Stop) => void;
  /** Runs all phases once; later calls wait for the same run. Never rejects: failures are logged. */
  run: () => Promise<void>;
};

/** The phases of the API process. Their caps add up to less than the six seconds that the launcher gives it. */
export const PHASES = [
  { name: 'recordings', capMs: 3000 },
  { name: 'connections', capMs: 1500 },
  { name: 'database', capMs: 1000 },
] as const satisfies readonly Phase[];

export const createShutdown = (phases: readonly Phase[], log: Log): Shutdown => {
  const steps = new Map<string, { name: string; stop: Stop }[]>(phases.map((phase) => [phase.name, []]));
  let running: Promise<void> | undefined;

  const runPhase = async ({ name, capMs }: Phase): Promise<void> => {
    const signal = AbortSignal.timeout(capMs);
    const capped = new Promise<'capped'>((resolve) => {
      signal.addEventListener('abort', () => resolve('capped'), { once: true });
    });
    const pending = new Set<string>();
    const stopped = (steps.get(name) ?? []).map(async (step) => {
      pending.add(step.name);
      try {
        await step.stop(signal);
      } catch (error) {
        log.error({ err: error, phase: name, step: step.name }, 'could not stop cleanly');
      }
      pending.delete(step.name);
    });
    if ((await Promise.race([Promise.all(stopped), capped])) === 'capped') {
      log.warn({ phase: name, capMs, steps: [...pending] }, 'shutdown phase took too long');
    }
  };

  return {
    add: (phase, name, stop) => {
      const list = steps.get(phase);
      if (!list) throw new Error(`There is no shutdown phase ${phase}.`);
      list.push({ name, stop });
    },
    run: () => {
      running ??= (async () => {
        for (const phase of phases) await runPhase(phase);
      })();
      return running;
    },
  };
};

type SignalSource = {
  on: (signal: 'SIGINT' | 'SIGTERM', listener: () => void) => unknown;
  exit: (code: number) => void;
};

/** SIGINT and SIGTERM alike: the first ends the process in order, the second at once. */
export const shutdownOnSignals = (shutdown: Shutdown, log: Log, source: SignalSource = process): void => {
  let asked = false;
  const onSignal = (): void => {
    if (asked) return source.exit(1);
    asked = true;
    log.info('stopping');
    void shutdown.run().then(() => source.exit(0));
  };
  source.on('SIGINT', onSignal);
  source.on('SIGTERM', onSignal);
};
