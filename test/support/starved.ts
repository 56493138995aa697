// A host that has almost nothing of the CPU: its processes are frozen most of the time, in slices that are too short to look frozen.
// Signals, not a quota: a control group can be written by few who run tests.

import type { RunningProcess } from "../../infra/hosts/host.ts";
import { signalProcess } from "../../infra/hosts/processes.ts";

const sliceMs = 250;

/** Starves these until it is disposed of: each slice they run for `runMs`. */
export function starve(processes: readonly RunningProcess[], runMs: number): Disposable {
  const all = (signal: NodeJS.Signals) => {
    for (const process of processes) signalProcess(process, signal);
  };
  let running: NodeJS.Timeout | undefined;
  const slice = () => {
    all("SIGCONT");
    running = setTimeout(all, runMs, "SIGSTOP");
  };
  const timer = setInterval(slice, sliceMs);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      clearTimeout(running);
      all("SIGCONT");
    },
  };
}
