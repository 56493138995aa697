// Who is linked to an upstream, asked before and after a server is started again: links come back, and nobody is heard twice.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import { fileOf } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { parseRoleFile } from "../../infra/core/role-file.ts";
import { passwordOf, users } from "../../infra/core/secrets.ts";
import { isServer, readApplied } from "../../infra/hosts/applied.ts";
import { readText } from "../../infra/hosts/local.ts";
import { findProcesses } from "../../infra/hosts/processes.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";

const pollMs = 20;
/** A lost link is dialled again every second. */
const foundAgainMs = 3_000;

/** Names of the servers it has a route with; null when it does not answer, which is known of one that is frozen. */
export async function linksOf(plan: ServerPlan, clusterSecret: string): Promise<readonly string[] | null> {
  try {
    if (findProcesses(plan.dataDir).get(plan.name)?.[0]?.frozen) return null;
    const url = `nats://${plan.address}:${plan.clientPort}`;
    const password = passwordOf(clusterSecret, plan.name, users.system);
    await using connection = await ServerConnection.open(
      { name: plan.name, url, user: users.system, password },
      plan.timeouts,
    );
    const routez = (await connection.ask("ROUTEZ")) as { routes?: { remote_name?: string }[] };
    return [...new Set((routez.routes ?? []).map(({ remote_name }) => remote_name ?? ""))];
  } catch {
    return null;
  }
}

/** Whether no upstream has a link of any dummy but this one. One that runs and does not answer may have. */
export async function isAlone(dummy: ServerPlan, clusterSecret: string): Promise<boolean> {
  const running = findProcesses(dummy.dataDir);
  const upstreams = (await readApplied(dummy.dataDir)).filter(isServer).filter(({ plan }) => plan.kind === "upstream");
  const known = [dummy.name, ...upstreams.map(({ plan }) => plan.name)];
  const others = upstreams.map(async ({ plan }) => {
    const links = await linksOf(plan, clusterSecret);
    return links === null ? !running.has(plan.name) : links.every((name) => known.includes(name));
  });
  return (await Promise.all(others)).every((alone) => alone);
}

/** Waits until every link of `before` is there again. @throws UserError when `timeouts.start` ran out. */
export async function awaitMesh(plan: ServerPlan, clusterSecret: string, before: readonly string[]): Promise<void> {
  const { start } = plan.timeouts;
  const missing = await missingAfter(plan, clusterSecret, before, start);
  if (missing.length === 0) return;
  throw new UserError(
    `gave up after ${start / 1000} s waiting until ${plan.name} has its links with ${missing.join(", ")} again`,
    { code: "mesh-not-whole", hint: "look with `natsby topology`; the next upstream was not restarted" },
  );
}

/** An upstream that was down is found again by the others within a second or so; whoever does not, is the cutover's to see to. */
export async function awaitOthers(plan: ServerPlan, clusterSecret: string): Promise<void> {
  const running = findProcesses(plan.dataDir);
  const servers = (await readApplied(plan.dataDir)).filter(isServer).map((applied) => applied.plan);
  const expected = servers.filter(({ name }) => name !== plan.name && running.get(name)?.[0]?.frozen === false);
  const dialling = await Promise.all(
    expected.map(async (one) => one.kind === "upstream" || (await isAttachedOnDisk(one))),
  );
  const names = expected.filter((_, index) => dialling[index]).map(({ name }) => name);
  await missingAfter(plan, clusterSecret, names, Math.min(plan.timeouts.start, foundAgainMs));
}

async function isAttachedOnDisk({ dataDir, name }: ServerPlan): Promise<boolean> {
  const text = await readText(fileOf(dataDir, name, "role")).catch(() => null);
  return parseRoleFile(text ?? "").state === "attached";
}

/** Who of these is not linked when it is whole, or when the time is up. */
async function missingAfter(plan: ServerPlan, clusterSecret: string, names: readonly string[], withinMs: number) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const now = await linksOf(plan, clusterSecret);
    const missing = names.filter((name) => now?.includes(name) !== true);
    if (missing.length === 0 || performance.now() > deadline) return missing;
    await sleep(pollMs);
  }
}
