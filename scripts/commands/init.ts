// natsby init: writes what a stack's config needs and no default can be. Starts nothing.

import { initialise } from "../local-config.ts";
import { setUp } from "../toolchain/setup.ts";
import { showProgress } from "../toolchain/show-progress.ts";
import { defineVerb } from "./verb.ts";

/** The command of the CLI. */
export const verb = defineVerb<{ readonly fresh: boolean }, [stack?: string]>({
  brief: "Make a stack: its secret, and on one machine its folder and ports",
  details: [
    "Selects the stack, makes it where there is none, and writes clusterSecret, and on the platform local dataDir and",
    "basePort, into stacks/Pulumi.<stack>.yaml. What is there stays as it is.",
  ].join("\n"),
  examples: [
    ["natsby init local", "What npm start does first"],
    ["natsby init local --fresh", "New secret, folder and ports: for a folder that was copied from another"],
  ],
  parameters: {
    flags: {
      fresh: { kind: "boolean", brief: "Make new ones even where there are some", default: false, withNegated: false },
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Name of the stack", parse: String, placeholder: "stack", optional: true }],
    },
  },
  run: init,
});

/** Makes the stack. */
export async function init({ fresh }: { readonly fresh: boolean }, stack = "local"): Promise<void> {
  using progress = showProgress(process.stderr);
  const { written } = await initialise(await setUp(progress), stack, fresh);
  // Now it is a stack: its platform may need more tools.
  await setUp(progress);
  const what = written.length === 0 ? "had everything already" : `now has ${written.join(", ")}`;
  process.stdout.write(`stacks/Pulumi.${stack}.yaml ${what}\nnext: pulumi preview --diff, then pulumi up\n`);
}
