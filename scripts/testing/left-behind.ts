// Finds what a test left running, by what its environment says of the test's own folder, and ends it: by pid, never by name.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { processMarker } from "../../infra/core/layout.ts";

/** A process that outlived the test that started it. */
export interface LeftBehind {
  readonly pid: number;
  readonly command: string;
}

/** Pulumi's plugins and language hosts notice within 2 s that their engine is gone. */
const graceMs = 5_000;
/** A process that waits for a disk ends when that answers. */
const killMs = 2_000;

/** Gives what is there to end by itself a moment, kills the rest, and returns what was killed. */
export async function endLeftBehind(folder: string): Promise<readonly LeftBehind[]> {
  const left = await leftAfter(folder, graceMs);
  for (const { pid } of left) kill(pid);
  await leftAfter(folder, killMs);
  return left;
}

async function leftAfter(folder: string, withinMs: number): Promise<readonly LeftBehind[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const left = findLeftBehind(folder);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(50);
  }
}

/** Every live process whose temporary folder is this one, or that is one of natsby's own below it. */
function findLeftBehind(folder: string): readonly LeftBehind[] {
  const isOurs = (variable: string): boolean =>
    variable === `TMPDIR=${folder}` || variable.startsWith(`${processMarker}=${folder}/`);
  return allPids().flatMap((pid) => {
    // A process that has ended and was not waited for has no environment any more.
    if (!textOf(pid, "environ").split("\0").some(isOurs)) return [];
    return [{ pid, command: textOf(pid, "cmdline").split("\0").join(" ").trim() }];
  });
}

/** None where there is no /proc: there natsby runs no servers either. */
function allPids(): readonly number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid);
  } catch {
    return [];
  }
}

/** Nothing of a process that is gone or somebody else's. */
function textOf(pid: number, file: "environ" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {}
}
