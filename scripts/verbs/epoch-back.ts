// The config after a verb that raised the epoch and came to nothing: as it was, but never below what a host has seen.

import type { ExitCode } from "../../infra/core/exit-codes.ts";
import { editStackConfig } from "../../infra/core/stack-config-edit.ts";
import { type Hosts, highestGuard } from "../../infra/hosts/hosts.ts";
import { topologyIn } from "./open-stack.ts";
import { type ConfigEnd, changedNothing, putBack } from "./settle-config.ts";
import type { StackFile } from "./stack-file.ts";

/** What the run was. */
export interface Raised {
  readonly before: StackFile;
  readonly written: StackFile;
  readonly hosts: Hosts;
  /** The highest ticket before it. */
  readonly ticket: number;
}

/**
 * Puts the config back where the run changed nothing that stays; null where it did. A run that was refused after it took its
 * ticket has shown the new epoch to the hosts: the old fenced list then needs an epoch of its own, or every host refuses it.
 */
export async function backToBefore(exitCode: ExitCode, run: Raised): Promise<ConfigEnd | null> {
  const { before, written, hosts, ticket } = run;
  const { epoch, activePublisher: to } = topologyIn(written, "");
  if (!(await changedNothing({ exitCode, hosts, ticket, to }))) return null;
  const seen = await highestGuard(hosts);
  const text =
    seen.epoch < epoch ? before.text : editStackConfig(before.text, before.project, { epoch: seen.epoch + 1 });
  return putBack(written, text);
}

/** What to type after a run that came to nothing: the servers have the old epoch where the config got a new one. */
export function nextAfterFailure(config: ConfigEnd, epochBefore: number, epochNow: number): readonly string[] {
  if (config === "stays armed") return ["natsby status, then the same command again goes on"];
  return epochNow === epochBefore ? [] : ["pulumi up    # tells the servers the epoch that the config has now"];
}
