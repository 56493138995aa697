// A change of the stack's config that natsby itself would accept: one that it would refuse is never written.

import { decode } from "../../infra/core/settings/read.ts";
import { configFromFile } from "../../infra/core/stack-config.ts";
import { type ConfigChanges, editStackConfig } from "../../infra/core/stack-config-edit.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { type OpenStack, topologyIn } from "./open-stack.ts";
import { replaceFile, type StackFile } from "./stack-file.ts";

/** What the config is now. */
export interface ChangedConfig {
  readonly file: StackFile;
  readonly topology: Topology;
}

/** Changes keys. @throws UserError with every problem of the new config, or where the file is no longer what was seen. */
export async function changeConfig(
  { file, topology: { stack } }: OpenStack,
  changes: ConfigChanges,
): Promise<ChangedConfig> {
  const text = editStackConfig(file.text, file.project, changes);
  const topology = topologyIn({ ...file, text }, stack);
  return { topology, file: await replaceFile(file, text) };
}

/** A list of the config as its file has it; what stands for it where the file has none. */
export function listIn({ project, text }: StackFile, key: string, standard: readonly unknown[]): readonly unknown[] {
  const value = decode(configFromFile({ project, stack: "" }, text).values[key]);
  return Array.isArray(value) ? value : standard;
}
