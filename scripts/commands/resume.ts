// natsby resume: ends a pause. Flips nothing.

import { describePause } from "../../infra/core/pause.ts";
import { readPause, writePause } from "../../infra/hosts/pause-file.ts";
import { loadStack, stackFlag } from "../stack.ts";
import { defineVerb } from "./verb.ts";

/** The command of the CLI. */
export const verb = defineVerb<{ readonly stack?: string }>({
  brief: "End a pause: flips are possible again",
  examples: [["natsby resume", "What was refused meanwhile is not done by itself: type it again"]],
  parameters: { flags: { stack: stackFlag }, aliases: { s: "stack" } },
  run: resume,
});

/** Takes the pause away; without one there is nothing to do. */
async function resume({ stack }: { readonly stack?: string }): Promise<void> {
  const { hosts } = await loadStack(stack);
  const pause = await readPause(hosts);
  if (pause === null) return void process.stdout.write("already: there is no pause\n");
  await writePause(hosts, null);
  process.stdout.write(`resumed; it was ${describePause(pause)}\n`);
}
