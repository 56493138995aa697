// Named points at which a test may have this process killed or stopped, before and after every step. Off unless the variable is set.

/** `NATSBY_FAILPOINT=before:quiet` or `after:attach:SIGSTOP`; the signal is SIGKILL unless given. */
export function failpoint(when: "before" | "after", step: string): void {
  const wanted = process.env.NATSBY_FAILPOINT;
  if (wanted === undefined) return;
  const [at, name, signal = "SIGKILL"] = wanted.split(":");
  if (at === when && name === step) process.kill(process.pid, signal as NodeJS.Signals);
}
