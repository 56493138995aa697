// Pulumi's command when a host is no part of the stack any more, or nothing is: what belonged to the whole stack there goes, once
// every server and publisher is gone. It is called as the delete command of a resource and creates nothing. Always ends 0 and says
// what it left: a dead host must not block a destroy.

import { dirname } from "node:path";
import { messageOf } from "../../infra/core/errors.ts";
import { stackFiles } from "../../infra/core/layout.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { highestGuard } from "../../infra/hosts/hosts.ts";
import { isOwner } from "./owner.ts";
import { allHostsOf, type Request, runCommand } from "./request.ts";

/** Which host, and the stack's folder there. */
interface LeavePlan {
  readonly host: string;
  readonly dataDir: string;
}

const removeMs = 20_000;
/** Made by natsby for its first stack there. */
const usualParent = "/etc/nats-server";
const own: ReadonlySet<string> = new Set([...Object.values(stackFiles), "bin"]);

await runCommand<LeavePlan>(async (request) => {
  const { host: name, dataDir } = request.plan;
  try {
    if (await isGivenUpWhole(request))
      return `${name}: left as it is, it was given up: see to ${dataDir} there yourself`;
    await using hosts = await allHostsOf(request, dataDir);
    return `${name}: ${await leave(hosts.of({ host: name }), dataDir, request.clusterSecret)}`;
  } catch (error) {
    return `${name}: left behind, look at ${dataDir} there: ${messageOf(error)}`;
  }
});

/** By what the other hosts know, as long as they know it. */
async function isGivenUpWhole(request: Request<LeavePlan>): Promise<boolean> {
  const { host: name, dataDir } = request.plan;
  const has = request.hosts?.hosts.find((host) => host.name === name)?.has ?? [];
  await using hosts = await allHostsOf(request, dataDir);
  const others = hosts.all.filter((host) => host.name !== name);
  if (others.length === 0 || has.length === 0) return false;
  const { fenced } = await highestGuard({ all: others });
  return has.every((one) => fenced.includes(one));
}

async function leave(host: Host, dataDir: string, clusterSecret: ClusterSecret): Promise<string> {
  const names = await host.list(dataDir);
  if (names.length > 0 && !(await isOwner(host, dataDir, clusterSecret)))
    return `left as it is, ${dataDir} is not this stack's`;
  const others = names.filter((name) => !own.has(name.replace(/(\.\d+)?\.next$/, "")));
  if (others.length > 0) return `left as it is, ${dataDir} still has ${others.join(", ")}`;
  const { code, stderr } = await host.run(["rm", "-rf", "--", ...names.map((name) => `${dataDir}/${name}`)], {
    withinMs: removeMs,
  });
  if (code !== 0) throw new Error(stderr.trim());
  // Only empty folders go.
  await host.run(["rmdir", "--", dataDir], { withinMs: removeMs });
  if (dirname(dataDir) === usualParent) await host.run(["rmdir", "--", usualParent], { withinMs: removeMs });
  return `${dataDir} removed`;
}
