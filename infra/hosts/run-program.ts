// Runs one program to its end, bounded. No shell is involved.

import { spawn } from "node:child_process";
import type { Argv } from "../core/argv.ts";
import type { Finished, HostRunOptions } from "./host.ts";

/**
 * Runs `argv`; after `withinMs` milliseconds it is killed, and what it started and left behind is no longer listened to.
 * Rejects only when it could not be started.
 */
export function runProgram(
  [program, ...args]: Argv,
  { cwd, withinMs, environment }: HostRunOptions,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: environment ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr, timedOut] = ["", "", false];
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
      // "close" waits for both streams, which a child of its own may hold open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    }, withinMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, timedOut });
    });
  });
}
