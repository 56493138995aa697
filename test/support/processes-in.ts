// Finds and ends every process that belongs to a folder: natsby's own by their mark, others by where they work. For tests.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { processMarker } from "../../infra/core/layout.ts";
import { until } from "./until.ts";

/** Pids of the live processes that carry the mark of a stack below the folder, or work in it. */
export function processesIn(folder: string): readonly number[] {
  const pids = readdirSync("/proc").map(Number);
  return pids.filter((pid) => pid > 0 && pid !== process.pid && (isMarked(pid, folder) || worksIn(pid, folder)));
}

/** Kills them by pid, and those that they start meanwhile, and waits for their end. */
export async function endProcessesIn(folder: string): Promise<void> {
  const end = (): boolean => {
    const found = processesIn(folder);
    for (const pid of found) kill(pid);
    return found.length === 0;
  };
  await until(`no process of ${folder} is left`, end, 10_000);
}

function isMarked(pid: number, folder: string): boolean {
  const variables = quietly(() => readFileSync(`/proc/${pid}/environ`, "utf8"));
  return variables.split("\0").some((variable) => variable.startsWith(`${processMarker}=${folder}/`));
}

function worksIn(pid: number, folder: string): boolean {
  const cwd = quietly(() => readlinkSync(`/proc/${pid}/cwd`));
  return cwd === folder || cwd.startsWith(`${folder}/`);
}

/** Nothing of a process that is gone, a zombie, or somebody else's. */
function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}
