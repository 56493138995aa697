// Runs one of Pulumi's commands of natsby as the plugin does: by the launcher, its request on stdin.

import { join } from "node:path";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { type Ran, startProgram } from "./bounded-run.ts";

export const clusterSecret = "a secret of tests, long enough to be one";

/** Runs `scripts/<name>.ts` with this plan. `more` is what else its request has. */
export function runApply(
  argv: readonly [name: string, ...args: string[]],
  plan: unknown,
  env = {},
  more = {},
): Promise<Ran> {
  const { PULUMI_BACKEND_URL: _, ...own } = process.env as Record<string, string>;
  const stdin = JSON.stringify({ plan, clusterSecret, ...more });
  const cwd = join(projectRoot, "infra");
  return startProgram(["../scripts/run", ...argv], { cwd, stdin, env: { ...own, ...env }, withinMs: 30_000 }).ended;
}
