/**
 * At most `limit` at once under each key: sockets of an address, listeners of a room. A key that nobody holds is
 * forgotten.
 */
export const places = (limit: number) => {
  const held = new Map<string, number>();
  const change = (key: string, by: 1 | -1): void => {
    const count = (held.get(key) ?? 0) + by;
    if (count > 0) held.set(key, count);
    else held.delete(key);
  };

  return {
    /** Takes a place and answers how to give it back; undefined when all are taken. */
    take: (key: string): (() => void) | undefined => {
      if ((held.get(key) ?? 0) >= limit) return undefined;
      change(key, 1);
      let holds = true;
      return () => {
        if (holds) change(key, -1);
        holds = false;
      };
    },
  };
};
