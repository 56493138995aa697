// Waiting that ends when the publisher is told to stop.

import { once } from "node:events";

/** What `promise` gives, or null as soon as `stop` is asked for. */
export async function unlessStopped<T>(stop: AbortSignal, promise: Promise<T>): Promise<T | null> {
  if (stop.aborted) return null;
  const done = new AbortController();
  const stopped = once(stop, "abort", { signal: done.signal }).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    done.abort();
  }
}
