// The parts of `npm run check` that look at the whole project, as data: each a program of node_modules, and its bound.

import { join } from "node:path";
import type { Argv } from "../../infra/core/argv.ts";
import { projectRoot } from "../toolchain/paths.ts";
import { inPool } from "./pool.ts";
import { runBounded } from "./run-bounded.ts";
import { checkEnvironment } from "./test-environment.ts";

/** One part of the check. */
export interface Check {
  readonly name: string;
  readonly argv: Argv;
}

/** What a part came to. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
  readonly ms: number;
}

const withinMs = 300_000;
const bin = (name: string): string => join(projectRoot, "node_modules/.bin", name);
const layersConfig = ".dependency-cruiser.mjs";

/** The slowest first, so that the others run beside it. */
const checks: readonly Check[] = [
  { name: "types", argv: [bin("tsc"), "--project", "."] },
  { name: "layers", argv: [bin("depcruise"), "--config", layersConfig, "infra", "scripts", "test"] },
  { name: "dead code", argv: [bin("knip"), "--no-progress"] },
  { name: "lint, format", argv: [bin("biome"), "ci", "--error-on-warnings", "."] },
];

/** Runs all of them, two at a time, and tells of each as it ends. */
export function runChecks(stop: AbortSignal, onEnd: (result: CheckResult) => void): Promise<readonly CheckResult[]> {
  const env = { ...checkEnvironment(), NO_COLOR: "1" };
  return inPool(checks, 2, stop, async ({ name, argv }) => {
    const { code, output, ms, overdue } = await runBounded(argv, { env, withinMs, stop });
    const said = overdue ? `${output}gave up after ${withinMs / 1000} s\n` : output;
    const result = { name, ok: code === 0, output: said, ms };
    onEnd(result);
    return result;
  });
}
