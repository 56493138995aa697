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
