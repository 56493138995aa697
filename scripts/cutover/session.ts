// When to stop: a signal or a lost parent stops a cutover before DETACH; after it, it finishes or rolls back within its bounds.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";

const watchMs = 50;

/** Whether the run that asked for this cutover still wants it. */
export class Session implements Disposable {
  readonly #parent = process.ppid;
  readonly #timer: NodeJS.Timeout;
  #stopped: string | null = null;

  constructor() {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      process.on(signal, () => {
        this.#stopped ??= signal;
      });
    }
    // Whoever reads the progress may be gone: that must not end a cutover half-way.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
    this.#timer = setInterval(() => this.#watch(), watchMs);
    this.#timer.unref();
  }

  /** @throws UserError when it was told to stop. Called only where stopping leaves nothing half done. */
  check(): void {
    this.#watch();
    if (this.#stopped === null) return;
    throw new UserError(`stopped by ${this.#stopped} before anything was changed`, {
      code: "stopped",
      exitCode: exitCodes.refused,
      hint: "run `pulumi up` again",
    });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #watch(): void {
    if (process.ppid !== this.#parent) this.#stopped ??= "the end of the run that started it";
  }
}
