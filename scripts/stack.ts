// Which stack a verb is about, and what its config file says. Reads files; asks Pulumi only for what no file tells. Writes nothing.

import { lastActive, unfinished } from "../infra/core/history.ts";
import type { Deployed } from "../infra/core/judge.ts";
import { isInForce } from "../infra/core/pause.ts";
import { parseSettings } from "../infra/core/settings.ts";
import { configFromFile, type StackName } from "../infra/core/stack-config.ts";
import type { Topology } from "../infra/core/topology.ts";
import { topologyOf } from "../infra/core/topology-of.ts";
import type { Hosts } from "../infra/hosts/hosts.ts";
import { readJournal } from "../infra/hosts/journal.ts";
import { readPause } from "../infra/hosts/pause-file.ts";
import { hostsPlan, openHosts } from "../infra/hosts/stack-hosts.ts";
import { openOnce } from "./opened-hosts.ts";
import { selectedStack } from "./selected-stack.ts";
import { configText, projectName } from "./stack-config-file.ts";
import { natsServerOf } from "./stack-tools.ts";
import { projectRoot } from "./toolchain/paths.ts";

/** A stack as its config file describes it, and what its hosts recorded. */
export interface LoadedStack {
  readonly topology: Topology;
  readonly deployed: Deployed;
  readonly hosts: Hosts;
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
  const { project, stack } = await stackNamed(named, folder);
  const config = configFromFile({ project, stack }, await configText(stack, folder));
  const topology = topologyOf(parseSettings(config), { project, stack });
  const hosts = await hostsOf(topology, stack, folder);
  const journal = await readJournal(hosts, topology.timeouts.observe).catch(() => []);
  const pause = await readPause(hosts, topology.timeouts.observe).catch(() => null);
  const deployed = {
    deployedActive: lastActive(journal),
    unfinished: unfinished(journal),
    pause: pause !== null && isInForce(pause, Date.now()) ? pause : null,
  };
  return { topology, deployed, hosts, natsServer: natsServerOrNull(topology) };
}

/** Which stack is meant; that there is one is not looked for. */
export async function stackNamed(named?: string, folder: string = projectRoot): Promise<StackName> {
  const project = await projectName(folder);
  const stack = named || process.env.PULUMI_STACK || (await selectedStack(project, folder)) || "local";
  return { project, stack: shortName(stack) };
}

/** Less those that were given up. */
async function hostsOf(topology: Topology, stack: string, folder: string): Promise<Hosts> {
  const plan = hostsPlan(topology);
  const keys = async () => (await import("./ssh-keys.ts")).sshKeysOf(stack, folder);
  const key = JSON.stringify([plan, topology.dataDir]);
  const hosts = await openOnce(key, () => openHosts(plan, topology.dataDir, keys));
  return hosts.without(topology.fenced);
}

/** `organization/project/stack` is how Pulumi writes it in full. */
const shortName = (name: string): string => name.split("/").at(-1) ?? name;

function natsServerOrNull(topology: Topology): string | null {
  try {
    return natsServerOf(topology);
  } catch {
    return null;
  }
}
