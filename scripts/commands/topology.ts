// natsby topology: draws who is linked to whom, as the servers themselves list it now. Changes nothing.

import { writeFileSync } from "node:fs";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { judge } from "../../infra/core/judge.ts";
import { topologySeen } from "../../infra/core/topology-seen.ts";
import { observe } from "../../infra/observe/observe.ts";
import { type Output, processOutput } from "../render/output.ts";
import { topologySvg } from "../render/topology-svg.ts";
import { topologyTree } from "../render/topology-tree.ts";
import { loadStack, stackFlag } from "../stack.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type TopologyFlags = {
  readonly json: boolean;
  readonly svg?: string;
  readonly stack?: string;
};

const svgFlag = {
  kind: "parsed",
  parse: String,
  brief: "Write a picture to this file",
  placeholder: "file",
  optional: true,
} as const;

/** The command of the CLI. */
export const verb = defineVerb<TopologyFlags>({
  brief: "Draw who is linked to whom, as observed",
  details: "Draws what the servers list now, not what the config asks for: strangers in the mesh are in it too.",
  examples: [
    ["natsby topology", "A tree"],
    ["natsby topology --svg topology.svg", "A picture, for people"],
    ["natsby topology --json", "Servers and links, for programs"],
  ],
  parameters: { flags: { json: jsonFlag, svg: svgFlag, stack: stackFlag }, aliases: { s: "stack" } },
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
  const judgement = judge(stack.topology, observation, stack.deployed);
  const seen = topologySeen(stack.topology, observation, judgement);
  if (flags.svg !== undefined) writePicture(flags.svg, topologySvg(seen, judgement.problems));
  output.print(flags.json ? `${JSON.stringify(seen, null, 2)}\n` : topologyTree(seen, output.paint));
}

function writePicture(path: string, svg: string): void {
  try {
    writeFileSync(path, svg);
  } catch (cause) {
    const hint = "name a file in a folder that you may write to";
    throw new UserError(`${path} cannot be written: ${messageOf(cause)}`, { code: "unwritable", hint, cause });
  }
}
