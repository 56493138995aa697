// Which stack a verb is about, and what its config file says. Reads files; asks Pulumi only for what no file tells. Writes nothing.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UserError } from "../infra/core/errors.ts";
import { lastActive, unfinished } from "../infra/core/history.ts";
import type { Deployed } from "../infra/core/judge.ts";
import { parseSettings } from "../infra/core/settings.ts";
import { configFromFile } from "../infra/core/stack-config.ts";
import type { Topology } from "../infra/core/topology.ts";
import { topologyOf } from "../infra/core/topology-of.ts";
import { readJournal } from "../infra/hosts/journal.ts";
import { readText } from "../infra/hosts/local.ts";
import { selectedStack } from "./selected-stack.ts";
import { natsServerPath, projectRoot } from "./toolchain/paths.ts";

/** A stack as its config file describes it, and what its hosts recorded. */
export interface LoadedStack {
  readonly topology: Topology;
  readonly deployed: Deployed;
  /** Null where this machine has none: digests are then not known. */
  readonly natsServer: string | null;
}

/** How every verb takes the stack's name. */
export const stackFlag = {
  kind: "parsed",
  parse: String,
  brief: "Name of the stack  [default: PULUMI_STACK, else the selected one]",
  placeholder: "name",
  optional: true,
} as const;

/**
 * Loads a stack: the named one, else PULUMI_STACK, else the selected one, else `local`.
 * @throws UserError where there is none, or with every problem of its config.
 */
export async function loadStack(named?: string, folder: string = projectRoot): Promise<LoadedStack> {
  const project = await projectName(folder);
  const stack = shortName(named || process.env.PULUMI_STACK || (await selectedStack(project, folder)) || "local");
  const config = configFromFile({ project, stack }, await configText(stack, folder));
  const topology = topologyOf(parseSettings(config), { project, stack });
  const journal = await readJournal({ read: readText }, topology.dataDir).catch(() => []);
  const deployed = { deployedActive: lastActive(journal), unfinished: unfinished(journal) };
  return { topology, deployed, natsServer: natsServerOrNull() };
}

/** The `name` of Pulumi.yaml: a renamed project's config keys carry its own name. */
export async function projectName(folder: string): Promise<string> {
  const path = join(folder, "Pulumi.yaml");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new UserError(`${path} cannot be read: ${messageOf(cause)}`, { code: "no-stack", cause });
  });
  const name = /^name:\s*(?:"([^"]+)"|'([^']+)'|([^\s#]+))/m.exec(text);
  const found = name?.[1] ?? name?.[2] ?? name?.[3];
  if (found === undefined) throw new UserError(`${path} has no name`, { code: "no-stack" });
  return found;
}

async function configText(stack: string, folder: string): Promise<string> {
  const path = join(folder, "stacks", `Pulumi.${stack}.yaml`);
  const text = stack.includes("/") ? null : await readText(path);
  if (text !== null) return text;
  throw new UserError(`there is no stack ${JSON.stringify(stack)}: no file stacks/Pulumi.${stack}.yaml`, {
    code: "no-stack",
    hint: stack === "local" ? "npm start makes it, and starts it" : "pulumi stack ls lists what there is; -s names one",
  });
}

/** `organization/project/stack` is how Pulumi writes it in full. */
const shortName = (name: string): string => name.split("/").at(-1) ?? name;

function natsServerOrNull(): string | null {
  try {
    return natsServerPath();
  } catch {
    return null;
  }
}
