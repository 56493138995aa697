// Writes role files, the only place that does: staged and tested first, put in place under the host's guard, then reloaded.

import { rm } from "node:fs/promises";
import { fileNames, fileOf, folderOf } from "../../infra/core/layout.ts";
import { parseRoleFile, renderRoleFile } from "../../infra/core/role-file.ts";
import { stagedPath } from "../../infra/hosts/host.ts";
import { testConfig } from "../apply/server-files.ts";
import type { Context } from "./context.ts";
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
  return text.replace(/^( {2}natsby_epoch: .*\n)/m, `$1  natsby_ticket: "${context.claim.ticket}"\n`);
}

/** Puts a role file beside the one in force, without touching that. */
export async function stageRole({ host, claim }: Context, dummy: Peer, text: string): Promise<void> {
  await host.stage(roleOf(dummy), text, 0o600, claim);
}

/** Has nats-server read the base config with the staged role file. @throws UserError in nats-server's words. */
export async function testStagedRole({ host, claim, natsServer }: Context, dummy: Peer): Promise<void> {
  const { dataDir, name, base } = dummy.plan;
  const copy = `${fileNames.base}.test`;
  const path = `${folderOf(dataDir, name)}/${copy}`;
  const text = (await host.read(fileOf(dataDir, name, "base"))) ?? base;
  const included = text.replace(`include "${fileNames.role}"`, `include "${stagedPath(fileNames.role, claim)}"`);
  await host.stage(path, included, 0o600, claim);
  try {
    await testConfig(folderOf(dataDir, name), stagedPath(copy, claim), natsServer);
  } finally {
    await rm(stagedPath(path, claim), { force: true });
  }
}

/** Puts the staged role file in place, unread yet. @throws UserError exit 7 when a newer run has written here. */
export async function placeRole({ host, claim }: Context, dummy: Peer): Promise<void> {
  await host.commit(roleOf(dummy), claim);
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
  const text = await context.host.read(roleOf(dummy)).catch(() => null);
  if (text !== null && parseRoleFile(text).state === "detached") return;
  await stageRole(context, dummy, roleText(context, dummy, []));
  await placeRole(context, dummy);
}

const roleOf = ({ plan }: Peer): string => fileOf(plan.dataDir, plan.name, "role");
