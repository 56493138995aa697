// Writes role files, the only place that does: staged and tested first, put in place under the host's guard, then reloaded.

import { fileNames, fileOf, folderOf } from "../../infra/core/layout.ts";
import { parseRoleFile, renderRoleFile, routesOf } from "../../infra/core/role-file.ts";
import { stagedPath } from "../../infra/hosts/host.ts";
import { testConfig } from "../apply/server-files.ts";
import { type Context, silentOf } from "./context.ts";
import { failpoint } from "./failpoint.ts";
import type { Peer } from "./peer.ts";

/** The text this cutover would write for a dummy with these routes. */
export function roleText({ claim }: Context, dummy: Peer, routes: readonly string[]): string {
  return renderRoleFile({ dummy: dummy.name, routes, epoch: claim.epoch, ticket: claim.ticket });
}

/** The text that is asked for, with this cutover's ticket. */
export function wantedText(context: Context, dummy: Peer): string {
  const text = context.plan.roles[dummy.name];
  if (text === undefined) return roleText(context, dummy, []);
  const silent = silentOf(context);
  if (dummy === context.target && silent.length > 0) return roleText(context, dummy, routesWithout(context, silent));
  return text.replace(/^( {2}natsby_epoch: .*\n)/m, `$1  natsby_ticket: "${context.claim.ticket}"\n`);
}

/**
 * Not to an upstream that is there and says nothing: what it has of the old publisher is not delivered yet, and would be heard
 * after newer messages. One that does not run has nothing: its link comes by itself once it does.
 */
function routesWithout({ target, topology }: Context, silent: readonly string[]): readonly string[] {
  return routesOf({ ...topology, fenced: [...topology.fenced, ...silent] }, target.plan.publisher ?? "");
}

/** Puts a role file beside the one in force, without touching that. */
export async function stageRole({ claim }: Context, dummy: Peer, text: string): Promise<void> {
  await dummy.host.stage(roleOf(dummy), text, 0o600, claim);
}

/** Has nats-server read the base config with the staged role file. @throws UserError in nats-server's words. */
export async function testStagedRole({ claim }: Context, dummy: Peer): Promise<void> {
  const { dataDir, name, base } = dummy.plan;
  const { host, natsServer } = dummy;
  const copy = `${fileNames.base}.test`;
  const path = `${folderOf(dataDir, name)}/${copy}`;
  const text = (await host.read(fileOf(dataDir, name, "base"))) ?? base;
  const included = text.replace(`include "${fileNames.role}"`, `include "${stagedPath(fileNames.role, claim)}"`);
  await host.stage(path, included, 0o600, claim);
  try {
    await testConfig(host, folderOf(dataDir, name), stagedPath(copy, claim), natsServer);
  } finally {
    await host.remove(stagedPath(path, claim));
  }
}

/** Puts the staged role file in place, unread yet. @throws UserError exit 7 when a newer run has written here. */
export async function placeRole({ claim }: Context, dummy: Peer): Promise<void> {
  await dummy.host.commit(roleOf(dummy), claim);
  failpoint("placed", dummy.name);
}

/** Puts the staged role file in place and has it read. That it was read is proved by what upstreams list, not here. */
export async function enforceRole(context: Context, dummy: Peer): Promise<void> {
  if (dummy.process === null) {
    await placeRole(context, dummy);
    return dummy.reload();
  }
  await dummy.host.commit(roleOf(dummy), context.claim, dummy.process);
  failpoint("placed", dummy.name);
}

/** Stages, places and reloads at once: for what is not in the gap. */
export async function writeRole(context: Context, dummy: Peer, text: string): Promise<void> {
  await stageRole(context, dummy, text);
  await placeRole(context, dummy);
  await dummy.reload();
}

/** Whatever starts the dummy from now on starts it detached. @throws where that cannot be written. */
export async function detachOnDisk(context: Context, dummy: Peer): Promise<void> {
  const text = await dummy.host.read(roleOf(dummy)).catch(() => null);
  if (text !== null && parseRoleFile(text).state === "detached") return;
  await stageRole(context, dummy, roleText(context, dummy, []));
  await placeRole(context, dummy);
}

const roleOf = ({ plan }: Peer): string => fileOf(plan.dataDir, plan.name, "role");
