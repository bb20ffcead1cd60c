import { wasInterrupted } from './run.ts';

/** Where a part of the toolchain came from, for the table at start and for the doctor. */
export type Part = { path: string; source: string; version: string };

/** Gets one line whenever something takes long. */
export type Say = (line: string) => void;

/** One way of getting a part: its answer, or why it was not possible there. */
export type Attempt = { name: string; get: () => Promise<Part | undefined> };

/**
 * The first attempt that succeeds. When none does, throws `advice` with the reason of every attempt that had one:
 * an attempt answers undefined when it does not apply, and throws when it should have worked.
 */
export const firstOf = async (attempts: Attempt[], advice: string): Promise<Part> => {
  const reasons: string[] = [];
  for (const { name, get } of attempts) {
    if (wasInterrupted()) throw new Error('Interrupted.');
    try {
      const part = await get();
      if (part) return part;
      reasons.push(`${name}: not there`);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message.trim().split('\n').slice(-3).join(' ') : error}`);
    }
  }
  throw new Error(`${advice}\nTried:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
};
