// A stack as a verb works on it: its file's text, what that means, what the hosts recorded, and one look at what runs.

import { judge } from "../../infra/core/judge.ts";
import { parseSettings } from "../../infra/core/settings.ts";
import { configFromFile } from "../../infra/core/stack-config.ts";
import { type StatusJson, statusOf } from "../../infra/core/status.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { topologyOf } from "../../infra/core/topology-of.ts";
import { observe } from "../../infra/observe/observe.ts";
import { type LoadedStack, loadStack } from "../stack.ts";
import { configPath, configText } from "../stack-config-file.ts";
import { projectRoot } from "../toolchain/paths.ts";
import type { StackFile } from "./stack-file.ts";

/** What a verb starts from. */
export interface OpenStack extends LoadedStack {
  readonly file: StackFile;
}

/** Opens the named stack, else the selected one. @throws UserError as {@link loadStack}. */
export async function openStack(named?: string): Promise<OpenStack> {
  const loaded = await loadStack(named);
  const { project, stack } = loaded.topology;
  const text = await configText(stack, projectRoot);
  const file = { path: configPath(stack), project, text };
  return { ...loaded, topology: topologyIn(file, stack), file };
}

/** What this text of the file asks for. @throws UserError with every problem of it. */
export function topologyIn({ project, text }: StackFile, stack: string): Topology {
  return topologyOf(parseSettings(configFromFile({ project, stack }, text)), { project, stack });
}

/** One look at what runs, as `natsby status` takes it. */
export async function lookAt({ deployed, hosts, natsServer }: LoadedStack, topology: Topology): Promise<StatusJson> {
  const observation = await observe(topology, { natsServer, hosts });
  return statusOf(topology, observation, judge(topology, observation, deployed));
}

/** The same after a change: what the hosts recorded is read again. */
export async function lookAgain(stack: string): Promise<StatusJson> {
  const loaded = await loadStack(stack);
  return lookAt(loaded, loaded.topology);
}
