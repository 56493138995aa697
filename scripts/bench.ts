// npm run bench: brings every tool, then runs the benchmark of test/bench in a process of its own. Measures nothing itself.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { exitCodes } from "../infra/core/exit-codes.ts";
import { projectRoot } from "./toolchain/paths.ts";
import { setUp } from "./toolchain/setup.ts";
import { showProgress } from "./toolchain/show-progress.ts";

async function bringTools(): Promise<void> {
  using progress = showProgress(process.stderr);
  await setUp(progress);
}

await bringTools();
const program = join(projectRoot, "test/bench/main.ts");
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: "inherit" });
// It takes its servers away before it ends.
for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, "exit");
process.exitCode = code ?? exitCodes.internal;
