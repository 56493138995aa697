// Turns what asks this process to stop into one signal for its parts, so that each ends what it started.

/** Is aborted by Ctrl-C and its like; the second time the process ends at once. */
export function whenStopped(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
  }
  return stop.signal;
}

/** Why it was stopped, for the list of failures; nothing where it was not. */
export const stopReasons = (stop: AbortSignal): readonly string[] =>
  stop.aborted ? [(stop.reason as Error).message] : [];
