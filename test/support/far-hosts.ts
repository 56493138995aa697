// Hosts whose sshd is far away from the operator, and from nobody else: a port in each one's own network holds back what comes.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestHosts } from "./hosts.ts";

/** Where sshd is reached from afar. */
export const farPort = 2222;

const program = join(import.meta.dirname, "slow_port.py");
const startMs = 10_000;

/** A slow port on each of some hosts; they end with this process. */
export class FarHosts implements AsyncDisposable {
  readonly #ports: readonly ChildProcess[];

  private constructor(ports: readonly ChildProcess[]) {
    this.#ports = ports;
  }

  static async of(hosts: TestHosts, names: readonly string[]): Promise<FarHosts> {
    const ports = names.map(async (name) => {
      const [enter, ...words] = [...(await hosts.enter(name)), "python3", program, String(farPort), "22"] as const;
      const port = spawn(enter, words, { stdio: ["pipe", "pipe", "inherit"] });
      port.stdin.on("error", () => undefined);
      await once(port.stdout, "data", { signal: AbortSignal.timeout(startMs) });
      return port;
    });
    return new FarHosts(await Promise.all(ports));
  }

  /** How long a question to them and its answer are under way. @param ms milliseconds, besides the way that there is */
  roundTrip(ms: number): void {
    for (const port of this.#ports) port.stdin?.write(`${ms}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#ports.map(async (port) => {
        if (port.exitCode !== null) return;
        const ended = once(port, "exit");
        port.stdin?.end();
        await ended;
      }),
    );
  }
}
