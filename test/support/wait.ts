/** How long and how often `until` looks. */
export type UntilOptions = { timeoutMs?: number; everyMs?: number; what?: string };

type Truthy<T> = Exclude<NonNullable<T>, false | 0 | ''>;

/**
 * Asks `probe` again and again until it returns something truthy, and returns that.
 * Throws, naming `what` and the last answer or error, when `timeoutMs` (default 10 000) has passed.
 */
export const until = async <T>(probe: () => T | Promise<T>, options: UntilOptions = {}): Promise<Truthy<T>> => {
  const { timeoutMs = 10_000, everyMs = 25, what = 'condition' } = options;
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await probe();
      if (value) return value as Truthy<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
  throw new Error(`${what}: not so after ${timeoutMs} ms; last seen: ${String(last)}`);
};
