// Writes role files, the only place that does: staged and tested first, put in place under the host's guard, then reloaded.

import { rm } from "node:fs/promises";
import { fileNames, fileOf, folderOf } from "../../infra/core/layout.ts";
import { renderRoleFile } from "../../infra/core/role-file.ts";
import { stagedPath } from "../../infra/hosts/host.ts";
import { testConfig } from "../apply/server-files.ts";
import type { Context } from "./context.ts";
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
export async function stageRole(context: Context, dummy: Peer, text: string): Promise<void> {
  await context.host.stage(fileOf(dummy.plan.dataDir, dummy.name, "role"), text, 0o600);
}

/** Has nats-server read the base config with the staged role file. @throws UserError in nats-server's words. */
export async function testStagedRole(context: Context, dummy: Peer): Promise<void> {
  const { dataDir, name, base } = dummy.plan;
  const copy = `${fileNames.base}.test`;
  const path = `${folderOf(dataDir, name)}/${copy}`;
  const text = (await context.host.read(fileOf(dataDir, name, "base"))) ?? base;
  await context.host.stage(
    path,
    text.replace(`include "${fileNames.role}"`, `include "${stagedPath(fileNames.role)}"`),
    0o600,
  );
  try {
    await testConfig(folderOf(dataDir, name), stagedPath(copy), context.natsServer);
  } finally {
    await rm(stagedPath(path), { force: true });
  }
}

/** Puts the staged role file in place and has the dummy read it. @throws UserError exit 7 when a newer run has written here. */
export async function commitRole(context: Context, dummy: Peer): Promise<void> {
  await context.host.commit(fileOf(dummy.plan.dataDir, dummy.name, "role"), context.claim);
  if (dummy.answers) await dummy.reload();
}

/** Stages and commits at once. */
export async function writeRole(context: Context, dummy: Peer, text: string): Promise<void> {
  await stageRole(context, dummy, text);
  await commitRole(context, dummy);
}
