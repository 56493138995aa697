// Signals to processes of a stack, as tests send them: one that is told to freeze stands still when the test goes on.

import { readdirSync, readFileSync } from "node:fs";
import type { RunningProcess } from "../../infra/hosts/host.ts";
import { signalProcess } from "../../infra/hosts/processes.ts";

/** Sends a signal; after SIGSTOP it waits until every thread stands still. */
export function sendSignal(process: RunningProcess, signal: NodeJS.Signals): void {
  signalProcess(process, signal);
  if (signal === "SIGSTOP") awaitFrozen(process.pid);
}

/** A signal is sent, not done: on a busy machine a thread goes on for a moment, and answers. Throws after a second. */
export function awaitFrozen(pid: number): void {
  const deadline = performance.now() + 1_000;
  const tasks = `/proc/${pid}/task`;
  while (readdirSync(tasks).some((task) => runs(`${tasks}/${task}/status`))) {
    if (performance.now() > deadline) throw new Error(`process ${pid} does not freeze`);
  }
}

/** One that has just ended runs no more. */
function runs(status: string): boolean {
  try {
    return !/^State:\tT/m.test(readFileSync(status, "utf8"));
  } catch {
    return false;
  }
}
