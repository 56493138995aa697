// Named points at which a test may have this process killed or stopped: before and after every step, and between a role
// file's rename and its reload. Off unless the variable is set.

/**
 * `NATSBY_FAILPOINT=before:quiet`, `placed:dummy-nats1` or `after:attach:SIGSTOP`; the signal is SIGKILL unless given.
 * @param first is done just before: a kill in the middle of a step comes later than one between two. @default nothing
 */
export function failpoint(when: "before" | "after" | "placed", name: string, first?: () => void): void {
  const wanted = process.env.NATSBY_FAILPOINT;
  if (wanted === undefined) return;
  const [at, of, signal = "SIGKILL"] = wanted.split(":");
  if (at !== when || of !== name) return;
  first?.();
  process.kill(process.pid, signal as NodeJS.Signals);
}
