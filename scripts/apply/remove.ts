// Pulumi's delete command of a server or publisher. Always ends 0 and says what it left: a dead host must not block a destroy.

import { messageOf } from "../../infra/core/errors.ts";
import { folderOf } from "../../infra/core/layout.ts";
import type { PublisherPlan, ServerPlan } from "../../infra/core/plan.ts";
import { isGivenUp } from "./left-alone.ts";
import { isOwner } from "./owner.ts";
import { allHostsOf, runCommand } from "./request.ts";
import { stopServer } from "./server-process.ts";

await runCommand<ServerPlan | PublisherPlan>(async (request) => {
  const { plan, clusterSecret } = request;
  await using hosts = await allHostsOf(request, plan.dataDir);
  const host = hosts.of(plan);
  const folder = folderOf(plan.dataDir, plan.name);
  try {
    if (await isGivenUp(hosts, plan))
      return `${plan.name}: left as it is, it was given up: see to ${folder} and its process on its host yourself`;
    if (!(await isOwner(host, plan.dataDir, clusterSecret)))
      return `${plan.name}: left as it is, ${plan.dataDir} is not this stack's`;
    if (!(await stopServer(host, plan.name, plan.timeouts.stop)))
      return `${plan.name}: left running, it cannot be stopped`;
    await host.remove(folder);
    return `${plan.name} stopped, ${folder} removed`;
  } catch (error) {
    return `${plan.name}: left behind, look at ${folder}: ${messageOf(error)}`;
  }
});
