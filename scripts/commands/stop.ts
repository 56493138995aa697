// natsby stop: ends every process of the local stack and takes its files away. The stack's config stays.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { refuseForeignFolder } from "../../infra/core/local-try.ts";
import { findProcesses, stopProcess } from "../../infra/hosts/processes.ts";
import { backendOf, configOf } from "../local-config.ts";
import { runPulumi } from "../pulumi-run.ts";
import type { Toolchain } from "../toolchain/look.ts";
import { setUp } from "../toolchain/setup.ts";
import { showProgress } from "../toolchain/show-progress.ts";
import { defineVerb } from "./verb.ts";

/** The command of the CLI. */
export const verb = defineVerb({
  brief: "Stop everything that start started",
  details: "Runs `pulumi destroy` for the stack `local` and ends whatever is left of its processes. Its config stays.",
  examples: [["npm stop", "The same"]],
  parameters: { flags: {} },
  run: () => stop(),
});

const stack = "local";
const stopMs = 5_000;

/** Stops the local stack; without one there is nothing to do. */
export async function stop(): Promise<void> {
  const { dataDir } = await configOf(stack);
  if (typeof dataDir !== "string") return console.log("nothing to stop: there is no stack local");
  using progress = showProgress(process.stderr);
  const toolchain = await setUp(progress);
  refuseForeignFolder(stack, { dataDir }, backendOf(toolchain));
  await destroy(toolchain);
  const left = [...findProcesses(dataDir).values()].flat();
  const gone = await Promise.all(left.map((process) => stopProcess(process, { withinMs: stopMs, group: true })));
  if (!gone.every((one) => one)) {
    throw new UserError(
      `still running: pid ${left
        .filter((_, at) => !gone[at])
        .map(({ pid }) => pid)
        .join(", ")}`,
      {
        code: "will-not-stop",
        exitCode: exitCodes.incomplete,
      },
    );
  }
  console.log(`stopped: no process of ${dataDir} is left; npm start starts it again`);
}

/** Where Pulumi cannot, the processes are ended all the same; but never while another run is under way. */
async function destroy(toolchain: Toolchain): Promise<void> {
  const { code, output } = await runPulumi(toolchain, [
    "destroy",
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    "-s",
    stack,
  ]);
  if (code === 0) return;
  if (!/currently locked/.test(output))
    return console.error("pulumi destroy did not end well: ending the processes themselves");
  throw new UserError("another run of pulumi holds the stack's lock", {
    code: "locked",
    exitCode: exitCodes.locked,
    hint: "pulumi cancel, when no other run is under way; then npm stop",
  });
}
