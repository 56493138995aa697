// natsby start: the whole thing on this machine, from nothing: tools, config, `pulumi up`, a look, and what to type next.

import { UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { judge } from "../../infra/core/judge.ts";
import { observe } from "../../infra/observe/observe.ts";
import { initialise } from "../local-config.ts";
import { natsbyExitIn, runPulumi } from "../pulumi-run.ts";
import { loadStack } from "../stack.ts";
import type { Toolchain } from "../toolchain/look.ts";
import { setUp } from "../toolchain/setup.ts";
import { showProgress } from "../toolchain/show-progress.ts";
import { status } from "./status.ts";
import { defineVerb } from "./verb.ts";
import { verify } from "./verify.ts";

/** The command of the CLI. */
export const verb = defineVerb({
  brief: "Start everything on this machine: tools, servers, publishers",
  details:
    "Brings what is missing, makes the stack `local`, runs `pulumi up`, listens for a moment, and shows the status.",
  examples: [
    ["npm start", "The same, from a fresh clone"],
    ["natsby start", "Again: says what already runs, mends what does not"],
  ],
  parameters: { flags: {} },
  run: () => start(),
});

const stack = "local";

/** Starts the local stack; what already runs as it should is left alone. */
export async function start(): Promise<ExitCode> {
  const toolchain = await bringTools();
  const { written } = await initialise(toolchain, stack);
  if (written.length > 0) console.error(`stacks/Pulumi.${stack}.yaml: ${written.join(", ")} written`);
  if (await runsAlready()) console.error("everything runs already: nothing to do");
  else await up(toolchain);
  console.error("\nlistening at every upstream for 2 s");
  const heard = await verify({ seconds: 2, json: false, stack });
  console.log("");
  const seen = await status({ json: false, credentials: false, stack });
  console.log(nextCommands(await otherPublisher()));
  return heard === exitCodes.done ? seen : heard;
}

async function bringTools(): Promise<Toolchain> {
  using progress = showProgress(process.stderr);
  return setUp(progress);
}

async function runsAlready(): Promise<boolean> {
  const { topology, deployed, natsServer } = await loadStack(stack);
  if (deployed.deployedActive !== topology.activePublisher) return false;
  return judge(topology, await observe(topology, { natsServer }), deployed).problems.length === 0;
}

async function up(toolchain: Toolchain): Promise<void> {
  console.error("pulumi up: starting servers and publishers, and attaching one (usually 5 s)");
  const { code, output } = await runPulumi(toolchain, [
    "up",
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    "-s",
    stack,
  ]);
  if (code === 0) return;
  const locked = /currently locked/.test(output);
  throw new UserError("pulumi up did not end well: see above", {
    code: "up-failed",
    exitCode: (natsbyExitIn(output) as ExitCode | null) ?? (locked ? exitCodes.locked : exitCodes.internal),
    hint: locked
      ? "pulumi cancel, when no other run is under way; then npm start"
      : "npm start again goes on where it stopped",
  });
}

async function otherPublisher(): Promise<string> {
  const { topology } = await loadStack(stack);
  return topology.publishers.find(({ name }) => name !== topology.activePublisher)?.name ?? "publisher1";
}

function nextCommands(other: string): string {
  return [
    "",
    "next:",
    '  eval "$(npx natsby env)"                       # once a shell',
    `  pulumi config set activePublisher ${other}   # the flip`,
    "  pulumi up",
    "  natsby status | natsby verify | natsby topology | npm stop",
  ].join("\n");
}
