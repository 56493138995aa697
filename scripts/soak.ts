// npm run soak: brings every tool, then runs random events against a model, in a process of its own. `--events 1000 --seed 7`.

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
const program = join(projectRoot, "test/soak/main.ts");
const child = spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, "exit");
process.exitCode = code ?? exitCodes.internal;
