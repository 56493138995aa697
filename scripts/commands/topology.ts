// natsby topology: draws who is linked to whom, as the servers themselves list it now. Changes nothing.

import { judge } from "../../infra/core/judge.ts";
import { topologySeen } from "../../infra/core/topology-seen.ts";
import { observe } from "../../infra/observe/observe.ts";
import { type Output, processOutput } from "../render/output.ts";
import { topologyTree } from "../render/topology-tree.ts";
import { loadStack, stackFlag } from "../stack.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type TopologyFlags = {
  readonly json: boolean;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<TopologyFlags>({
  brief: "Draw who is linked to whom, as observed",
  details: "Draws what the servers list now, not what the config asks for: strangers in the mesh are in it too.",
  examples: [
    ["natsby topology", "A tree"],
    ["natsby topology --json", "Servers and links, for programs"],
  ],
  parameters: { flags: { json: jsonFlag, stack: stackFlag }, aliases: { s: "stack" } },
  run: (flags) => topology(flags),
});

/** Looks once and draws it. */
export async function topology(
  flags: TopologyFlags,
  output: Output = processOutput(),
  load: typeof loadStack = loadStack,
): Promise<void> {
  const stack = await load(flags.stack);
  const observation = await observe(stack.topology, stack);
  const seen = topologySeen(stack.topology, observation, judge(stack.topology, observation, stack.deployed));
  output.print(flags.json ? `${JSON.stringify(seen, null, 2)}\n` : topologyTree(seen, output.paint));
}
