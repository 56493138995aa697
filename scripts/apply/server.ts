// Pulumi's command for one upstream or dummy: `apply/server create|update`. Never attaches and never lets anybody in: the cutover does.

import type { ServerPlan } from "../../infra/core/plan.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import { bringFiles } from "./bring-files.ts";
import { leftAsItIs } from "./left-alone.ts";
import { awaitMesh, awaitOthers, dialling } from "./mesh.ts";
import { takeFolder } from "./owner.ts";
import { hostsFor, type Request, runCommand } from "./request.ts";
import { runServer } from "./server-process.ts";

await runCommand<ServerPlan>(async (request) => leftAsItIs(request.plan) ?? bring(request));

async function bring(request: Request<ServerPlan>): Promise<string> {
  const { plan, clusterSecret } = request;
  await using hosts = await hostsFor(request, plan.dataDir, plan);
  const host = hosts.of(plan);
  await takeFolder(host, plan.dataDir, clusterSecret);
  const { digest, natsServer, linked } = await bringFiles(hosts, plan, clusterSecret, process.argv[2] === "create");
  const done = await runServer(host, plan, clusterSecret, { digest, natsServer });
  if (plan.kind === "upstream") await linkedAgain(hosts, plan, clusterSecret, done, linked);
  return `${plan.name} ${done} ${digest.slice(0, 15)}`;
}

/** One that was linked is linked again before the next one restarts; one that was down or frozen is found by the others. */
async function linkedAgain(
  hosts: Hosts,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  done: string,
  linked: readonly string[] | null,
) {
  const host = hosts.of(plan);
  const isUpdate = process.argv[2] === "update";
  if (done.startsWith("restarted") && linked !== null) await awaitMesh(host, plan, clusterSecret, linked);
  else if (/^(re)?started/.test(done) && isUpdate) await awaitOthers(hosts, plan, clusterSecret);
  // A container that was replaced just now runs already.
  else if (host.natsServer !== undefined && isUpdate && done.startsWith("runs already"))
    await awaitMesh(host, plan, clusterSecret, await dialling(hosts, plan));
}
