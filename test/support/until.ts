// Bounded waiting for tests: a condition, a name for it, a limit. Never a bare sleep.

import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until `ask` gives something else than false, null or undefined. Throws, naming `what`, after `withinMs`. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  withinMs = 5_000,
): Promise<Exclude<Awaited<T>, false | null | undefined>> {
  const deadline = performance.now() + withinMs;
  let last: unknown = "no answer";
  do {
    try {
      const found = await ask();
      if (found !== false && found !== null && found !== undefined) return found as never;
      last = found;
    } catch (error) {
      last = error;
    }
    await sleep(10);
  } while (performance.now() < deadline);
  throw new Error(`gave up after ${withinMs} ms waiting until ${what}`, { cause: last });
}
