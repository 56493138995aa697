// Runs Pulumi's CLI for a verb, with the environment that `natsby env` gives and its output on stderr: stdout is the verb's own.

import { spawn } from "node:child_process";
import { UserError } from "../infra/core/errors.ts";
import { lineFilter } from "./render/pulumi-lines.ts";
import { toolEnvironment } from "./toolchain/environment.ts";
import type { Toolchain } from "./toolchain/look.ts";
import { projectRoot } from "./toolchain/paths.ts";

/** What a run is given besides its arguments. */
export interface PulumiRunOptions {
  /** Goes to its stdin: the way for a secret, which an argument would show to everybody. */
  readonly stdin?: string;
  /** Show what it prints. @default true */
  readonly show?: boolean;
}

/** How it ended. */
export interface PulumiRun {
  readonly code: number;
  /** Everything it printed, both streams as they came. */
  readonly output: string;
}

/** Runs `pulumi <args>` in the project's folder. Never rejects because of how it ended. */
export function runPulumi(
  toolchain: Toolchain,
  args: readonly string[],
  options: PulumiRunOptions = {},
): Promise<PulumiRun> {
  const { stdin, show = true } = options;
  const env = { ...process.env, ...toolEnvironment(toolchain) };
  const child = spawn(toolchain.pulumi.path, [...args, "--non-interactive", "--color", colourOf(show)], {
    cwd: projectRoot,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  const shown = lineFilter();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (show) process.stderr.write(shown(text));
    });
  }
  child.stdin.on("error", () => undefined).end(stdin ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs it silently and returns what it printed. @throws UserError with Pulumi's words where it fails. */
export async function askForResult(
  toolchain: Toolchain,
  args: readonly string[],
  options: PulumiRunOptions = {},
): Promise<string> {
  const { code, output } = await runPulumi(toolchain, args, { ...options, show: false });
  if (code === 0) return output;
  throw new UserError(`pulumi ${args.join(" ")}: ${output.trim().replace(/^error: /, "")}`, {
    code: "pulumi-failed",
    hint: 'eval "$(npx natsby env)", then try that command by hand',
  });
}

/** The exit code that natsby's own command printed inside a failed run: Pulumi's is 1 for all of them. */
export function natsbyExitIn(output: string): number | null {
  const found = /natsby exit (\d+):/.exec(output)?.[1];
  return found === undefined ? null : Number(found);
}

const colourOf = (show: boolean): string =>
  show && process.stderr.isTTY && !process.env.NO_COLOR ? "always" : "never";
