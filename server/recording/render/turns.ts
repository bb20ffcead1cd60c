/**
 * Does `work` on every item, at most `atOnce` of them at a time, and gives the results in order. When one fails no new
 * one is begun, those under way are waited for, and the first failure is thrown: nothing runs on behind the caller.
 */
export const inTurns = async <Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index]!, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, items.length)) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
};
