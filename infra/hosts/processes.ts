// Finds natsby's own processes on this machine by the mark in their environment, and signals those alone: never by a pid file.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import { processMarker } from "../core/layout.ts";
import type { RunningProcess, StopOptions } from "./host.ts";

/**
 * Every live process of the stack in `dataDir`, by name, oldest first. Usually one a name: the leader of its session, not
 * its children. A child counts only when its leader is gone, so that what a dead shell left behind is found too.
 */
export function findProcesses(dataDir: string): ReadonlyMap<string, readonly RunningProcess[]> {
  const prefix = `${processMarker}=${dataDir}/`;
  const marked = allPids().flatMap((pid) => markedProcess(pid, prefix, dataDir) ?? []);
  const pids = new Set(marked.map(({ pid }) => pid));
  const main = marked.filter(({ pid, session }) => pid === session || !pids.has(session));
  main.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  return Map.groupBy(
    main.map(({ session: _, ...process }) => process),
    ({ name }) => name,
  );
}

/** Whether this very process still lives: same pid, same start, same mark, no zombie. */
export function isRunning({ name, dataDir, pid, startTicks }: RunningProcess): boolean {
  const found = markedProcess(pid, `${processMarker}=${dataDir}/`, dataDir);
  return found?.name === name && found.startTicks === startTicks;
}

/** Signals the process after a last look at who it is. False when it is gone: then nobody was signalled. */
export function signalProcess(
  target: RunningProcess,
  signal: NodeJS.Signals,
  options: { group?: boolean } = {},
): boolean {
  if (!isRunning(target)) return false;
  try {
    const leader = statOf(target.pid)?.session === target.pid;
    process.kill(options.group && leader ? -target.pid : target.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Signals the process and waits for its end: true when it is gone, false when it outlived the bound. */
export async function stopProcess(target: RunningProcess, options: StopOptions): Promise<boolean> {
  const until = performance.now() + options.withinMs;
  signalProcess(target, options.signal ?? "SIGKILL", { group: options.group ?? false });
  for (let pause = 1; !hasEnded(target); pause = Math.min(pause * 2, 20)) {
    if (performance.now() >= until) return false;
    await sleep(pause);
  }
  return true;
}

/** Whether any process has this pid: a program that is just being loaded has no mark yet. */
export function pidLives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * Whether nothing of it is left, its ports included. A process that is ending loses its environment first, and becomes a
 * zombie while threads of it still hold what it had open: only then is it gone for whoever wants its port.
 */
function hasEnded(target: RunningProcess): boolean {
  const stat = statOf(target.pid);
  if (stat === undefined || stat.startTicks !== target.startTicks) return true;
  const isSomebodyElse = !isRunning(target) && (environOf(target.pid) ?? "") !== "";
  return isSomebodyElse || (isZombie(stat) && threadsOf(target.pid) <= 1);
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

function allPids(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch (cause) {
    throw new UserError("cannot list processes: /proc is not there", {
      code: "no-proc",
      hint: "the platform local runs on Linux: use another platform for this machine",
      cause,
    });
  }
}

function markedProcess(
  pid: number,
  prefix: string,
  dataDir: string,
): (RunningProcess & { session: number }) | undefined {
  const stat = statOf(pid);
  if (stat === undefined || isZombie(stat)) return undefined;
  const entry = environOf(pid)
    ?.split("\0")
    .find((line) => line.startsWith(prefix));
  const name = entry?.slice(prefix.length);
  if (name === undefined || name === "" || name.includes("/")) return undefined;
  const frozen = stat.state === "T" || stat.state === "t";
  return { name, dataDir, pid, startTicks: stat.startTicks, frozen, session: stat.session };
}

const isZombie = ({ state }: { state: string }): boolean => state === "Z" || state === "X";

/** Empty, or not to be had, once it is ending. */
const environOf = (pid: number): string | undefined => textOf(`/proc/${pid}/environ`);

/** Fields 3, 6 and 22 of /proc/<pid>/stat; the name before them may hold blanks and brackets. */
function statOf(pid: number): { state: string; session: number; startTicks: number } | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", session: Number(fields[3]), startTicks: Number(fields[19]) };
}

/** Undefined for a process that ended meanwhile or belongs to somebody else. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
