// Asks Pulumi's CLI for one value, with the environment that `natsby env` gives. Brings no tool and changes no stack.

import type { Finished } from "../infra/hosts/host.ts";
import { runProgram } from "../infra/hosts/run-program.ts";
import { fullEnvironment } from "./toolchain/environment.ts";
import { complete, look } from "./toolchain/look.ts";

/** The CLI, its home, and the environment that it needs. */
export interface PulumiTool {
  readonly path: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Null where a tool is missing: `natsby doctor` says which. */
export function pulumiTool(): PulumiTool | null {
  const toolchain = complete(look());
  if (toolchain === undefined) return null;
  const env = { ...process.env, ...fullEnvironment(toolchain, process.env) } as Record<string, string>;
  return { path: toolchain.pulumi.path, home: toolchain.pulumiHome, env };
}

/** Runs `pulumi <args>` in the project's folder, bounded. */
export function askPulumi(
  { path, env }: PulumiTool,
  args: readonly string[],
  folder: string,
  withinMs: number,
): Promise<Finished> {
  return runProgram([path, ...args], { cwd: folder, withinMs, environment: env });
}
