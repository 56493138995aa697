// Who is linked to an upstream, asked before and after a server is started again: links come back, and nobody is heard twice.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import { fileOf } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { parseRoleFile } from "../../infra/core/role-file.ts";
import { type ClusterSecret, users } from "../../infra/core/secrets.ts";
import { isServer, readApplied } from "../../infra/hosts/applied.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { askAll, type Hosts } from "../../infra/hosts/hosts.ts";
import { withLogin } from "../../infra/observe/log-in.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";

const pollMs = 20;
/** A lost link is dialled again every second. */
const foundAgainMs = 3_000;

/** Names of the servers it has a route with; null when it does not answer, which is known of one that is frozen. */
export async function linksOf(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
): Promise<readonly string[] | null> {
  try {
    if ((await host.processes()).get(plan.name)?.[0]?.frozen) return null;
    await using connection = await askedAt(host, plan, clusterSecret);
    const routez = (await connection.ask("ROUTEZ")) as { routes?: { remote_name?: string }[] };
    return [...new Set((routez.routes ?? []).map(({ remote_name }) => remote_name ?? ""))];
  } catch {
    return null;
  }
}

/** Signed in at a server as natsby itself. */
export const askedAt = (host: Host, plan: ServerPlan, clusterSecret: ClusterSecret): Promise<ServerConnection> =>
  withLogin(host, plan, clusterSecret, users.system, (login) =>
    ServerConnection.open({ name: plan.name, ...login }, plan.timeouts),
  );

/** Whether no upstream has a link of any dummy but this one. One that runs and does not answer may have. */
export async function isAlone(hosts: Hosts, dummy: ServerPlan, clusterSecret: ClusterSecret): Promise<boolean> {
  const upstreams = (await readApplied(hosts)).filter(isServer).filter(({ plan }) => plan.kind === "upstream");
  const known = [dummy.name, ...upstreams.map(({ plan }) => plan.name)];
  const others = upstreams.map(async ({ plan }) => {
    const host = hosts.of(plan);
    const links = await linksOf(host, plan, clusterSecret);
    return links === null ? !(await runs(host, plan.name)) : links.every((name) => known.includes(name));
  });
  return (await Promise.all(others)).every((alone) => alone);
}

/** A host that cannot be reached may run anything. */
const runs = (host: Host, name: string): Promise<boolean> =>
  host.processes().then(
    (found) => found.has(name),
    () => true,
  );

/** Waits until every link of `before` is there again. @throws UserError when `timeouts.start` ran out. */
export async function awaitMesh(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  before: readonly string[],
): Promise<void> {
  const { start } = plan.timeouts;
  const missing = await missingAfter(host, plan, clusterSecret, before, start);
  if (missing.length === 0) return;
  throw new UserError(
    `gave up after ${start / 1000} s waiting until ${plan.name} has its links with ${missing.join(", ")} again`,
    { code: "mesh-not-whole", hint: "look with `natsby topology`; the next upstream was not restarted" },
  );
}

/** An upstream that was down is found again by the others within a second or so; whoever does not, is the cutover's to see to. */
export async function awaitOthers(hosts: Hosts, plan: ServerPlan, clusterSecret: ClusterSecret): Promise<void> {
  const names = await dialling(hosts, plan);
  await missingAfter(hosts.of(plan), plan, clusterSecret, names, Math.min(plan.timeouts.start, foundAgainMs));
}

/** Who runs and should have a link with it. */
export async function dialling(hosts: Hosts, plan: ServerPlan): Promise<readonly string[]> {
  const servers = (await readApplied(hosts)).filter(isServer).map((applied) => applied.plan);
  const running = new Map((await askAll(hosts.all, (host) => host.processes())).flatMap((found) => [...found]));
  const expected = servers.filter(({ name }) => name !== plan.name && running.get(name)?.[0]?.frozen === false);
  const isDialling = await Promise.all(
    expected.map(async (one) => one.kind === "upstream" || (await isAttachedOnDisk(hosts.of(one), one))),
  );
  return expected.filter((_, index) => isDialling[index]).map(({ name }) => name);
}

async function isAttachedOnDisk(host: Host, { dataDir, name }: ServerPlan): Promise<boolean> {
  const text = await host.read(fileOf(dataDir, name, "role")).catch(() => null);
  return parseRoleFile(text ?? "").state === "attached";
}

/** Who of these is not linked when it is whole, or when the time is up. */
async function missingAfter(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  names: readonly string[],
  withinMs: number,
) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const now = await linksOf(host, plan, clusterSecret);
    const missing = names.filter((name) => now?.includes(name) !== true);
    if (missing.length === 0 || performance.now() > deadline) return missing;
    await sleep(pollMs);
  }
}
