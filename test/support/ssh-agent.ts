// An ssh-agent of a test's own, with the keys that it is given: the system's ssh finds no other of the test's.

import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { temporary } from "./temporary.ts";
import { until } from "./until.ts";

/** A running agent. */
export interface SshAgent extends AsyncDisposable {
  /** What SSH_AUTH_SOCK is. */
  readonly socket: string;
}

/** Starts it. `keys` are paths of private keys. */
export async function startSshAgent(keys: readonly string[]): Promise<SshAgent> {
  const folder = temporary("agent");
  const socket = join(folder.path, "socket");
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  const stop = (): boolean => child.kill("SIGKILL");
  process.once("exit", stop);
  await until("ssh-agent listens", () => existsSync(socket), 10_000);
  execFileSync("ssh-add", ["-q", ...keys], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "pipe" });
  return {
    socket,
    async [Symbol.asyncDispose]() {
      process.off("exit", stop);
      stop();
      await until("ssh-agent is gone", () => child.exitCode !== null || child.signalCode !== null);
      folder[Symbol.dispose]();
    },
  };
}
