// Who was started by whom, as /proc tells it. For tests.

import { readdirSync, readFileSync } from "node:fs";

/** Every process below this one. */
export function descendantsOf(pid: number): readonly number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = all.filter((one) => parentOf(one) === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** SIGKILL to a process and everything below it. All stand still first: one that is just being started must not get away. */
export function killTree(pid: number): void {
  const stopped = new Set<number>();
  const stop = (one: number): void => {
    if (!stopped.has(one)) process.kill(one, "SIGSTOP");
    stopped.add(one);
  };
  stop(pid);
  for (let before = 0; before < stopped.size; ) {
    before = stopped.size;
    for (const one of descendantsOf(pid)) if (runs(one)) stop(one);
  }
  for (const one of stopped) process.kill(one, "SIGKILL");
}

/** 0 where the process is gone. */
export const parentOf = (pid: number): number => Number(statOf(pid)[1] ?? 0);

/** Whether a process runs; one that only waits to be reaped does not. */
export const runs = (pid: number): boolean => !["", "Z", "X"].includes(statOf(pid)[0] ?? "");

/** State, parent and so on. The name before them may hold anything. */
function statOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return [];
  }
}
