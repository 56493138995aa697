// A `pulumi up` that is stopped while it holds the stack's lock, as a laptop that was closed half-way: nothing else may run then.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.ts";
import { until } from "./until.ts";

/** Holds the lock until it is disposed; then the stopped run goes on to its end. */
export async function holdLock(project: Project): Promise<AsyncDisposable> {
  const running = await project.startPulumi(["up", "--yes", "--skip-preview"]);
  const locks = join(project.path, ".natsby/state/.pulumi/locks");
  await until(
    "the stack's lock is held",
    () => readdirSync(locks, { recursive: true }).join().includes(".json"),
    30_000,
  );
  running.signal("SIGSTOP", "group");
  return {
    async [Symbol.asyncDispose]() {
      running.signal("SIGCONT", "group");
      await running.ended;
    },
  };
}
