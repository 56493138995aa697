// When to stop: a signal or a lost parent stops a cutover before DETACH; after it, it finishes or rolls back within its bounds.

import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";

/** Whether the run that asked for this cutover still wants it. */
export class Session {
  readonly #ancestors = ancestors();
  #stopped: string | null = null;

  constructor() {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.on(signal, () => {
        this.#stopped ??= signal;
      });
    }
    // Whoever reads the progress may be gone: that must not end a cutover half-way.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  }

  /** @throws UserError when it was told to stop. Called only where stopping leaves nothing half done. */
  async check(): Promise<void> {
    // A signal that has come is told of when the loop polls next: in the turn after this one.
    await setImmediate();
    await setImmediate();
    if (ancestors() !== this.#ancestors) this.#stopped ??= "the end of the run that started it";
    if (this.#stopped === null) return;
    throw new UserError(`stopped by ${this.#stopped} before anything was changed`, {
      code: "interrupted",
      exitCode: exitCodes.refused,
      hint: "run `pulumi up` again",
    });
  }
}

/** Parent and grandparent: between this process and Pulumi's plugin stands `setsid`, which outlives the plugin. */
function ancestors(): string {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]}`;
  } catch {
    return String(process.ppid);
  }
}
