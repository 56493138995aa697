// A cutover that a test has stopped at a named point, so that something can be done to the stack just there.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Ran, Running } from "./bounded-run.ts";
import { parentOf } from "./descendants.ts";
import type { Project } from "./project.ts";
import { until } from "./until.ts";

/** The variable that stops a cutover at a point, as `before:attach`. */
export const stoppingAt = (point: string) => ({ NATSBY_FAILPOINT: `${point}:SIGSTOP` });

/** Runs a verb whose cutover stops at a point, does `meanwhile`, lets it go on, and gives back how the verb ended. */
export async function runWhile(
  project: Project,
  words: readonly string[],
  point: string,
  meanwhile: (running: Running, cutover: number) => unknown,
): Promise<Ran> {
  const running = project.startNatsby(words, { env: stoppingAt(point) });
  const cutover = await untilStopped(project);
  try {
    await meanwhile(running, cutover);
  } finally {
    process.kill(cutover, "SIGCONT");
  }
  return running.ended;
}

/** Its pid, when it has come to the point. */
export const untilStopped = (project: Project): Promise<number> =>
  until("the cutover stops itself", () => stoppedCutover(project), 60_000);

/** The pid of a cutover of this checkout that is stopped by a signal; null without one. */
export function stoppedCutover({ path }: Project): number | null {
  const program = join(path, "scripts/cutover/main.ts");
  const isStopped = (pid: number): boolean => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const isOurs = words.includes(program) && readlinkSync(`/proc/${pid}/cwd`).startsWith(path);
      return isOurs && /^State:\tT/m.test(statusOf(pid));
    } catch {
      return false;
    }
  };
  const pids = readdirSync("/proc").map(Number);
  return pids.find((pid) => pid > 0 && isStopped(pid)) ?? null;
}

/** Signals a verb, it alone, and waits until its stopped cutover was told: by a signal, or since who started it is gone. */
export async function signalAlone(verb: Running, signal: NodeJS.Signals, cutover: number): Promise<void> {
  const parent = parentOf(cutover);
  verb.signal(signal);
  const isTold = () => parentOf(cutover) !== parent || /^ShdPnd:\t0*[1-9a-f]/m.test(statusOf(cutover));
  await until("the cutover was told", isTold, 20_000);
}

/** Whether a process lives: a zombie does not. */
export function isThere(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(statusOf(pid));
  } catch {
    return false;
  }
}

const statusOf = (pid: number): string => readFileSync(`/proc/${pid}/status`, "utf8");
