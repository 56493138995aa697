// The folder scripts/testing runs the project's own checks and tests; nothing that a user runs imports it.
// This file runs one program in a session of its own, bounded, and keeps what it prints.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Argv } from "../../infra/core/argv.ts";
import { projectRoot } from "../toolchain/paths.ts";

/** How a program is run. */
export interface BoundedOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly withinMs: number;
  /** Ends it early, as the bound does. */
  readonly stop: AbortSignal;
}

/** How it ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  /** Both streams, as they came. */
  readonly output: string;
  readonly ms: number;
  /** It ran into its bound. */
  readonly overdue: boolean;
}

/** A process that was left behind holds the pipes open: what it would still print is not waited for. */
const pipesMs = 1_000;

/** Runs the program in the project's folder. Rejects only when it could not be started. */
export async function runBounded([program, ...args]: Argv, options: BoundedOptions): Promise<Ended> {
  const since = performance.now();
  const child = spawn(program, args, {
    cwd: projectRoot,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => parts.push(text));
  const closed = once(child, "close").catch(() => undefined);
  const bound = AbortSignal.timeout(options.withinMs);
  const code = await endOf(child, AbortSignal.any([bound, options.stop]));
  await Promise.race([closed, sleep(pipesMs, undefined, { ref: false })]);
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  return { code, output: parts.join(""), ms: performance.now() - since, overdue: bound.aborted };
}

async function endOf(child: ChildProcess, stop: AbortSignal): Promise<number | null> {
  const kill = (): void => killGroup(child);
  stop.addEventListener("abort", kill);
  if (stop.aborted) kill();
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    return code;
  } finally {
    stop.removeEventListener("abort", kill);
    // Its own children go with it; what made itself a session of its own is found by its mark.
    kill();
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {}
}
