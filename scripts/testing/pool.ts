// Does several things at a time, never more than so many, and starts nothing more once it is to stop.

import { availableParallelism } from "node:os";

/** How many tests run at a time: with more than four, their bounds would measure each other. */
export const atOnce: number = Math.max(1, Math.min(4, availableParallelism()));

/** Does `work` for every item, in order of the items; gives the results in the order in which they came. */
export async function inPool<T, R>(
  items: readonly T[],
  size: number,
  stop: AbortSignal,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const waiting = [...items];
  const results: R[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !stop.aborted; item = waiting.shift()) {
      results.push(await work(item));
    }
  };
  await Promise.all(Array.from({ length: size }, worker));
  return results;
}
