// Pulumi's command for the files of a container that it makes or replaces afterwards: `apply/files create|update`. Starts nothing.

import type { PublisherPlan, ServerPlan } from "../../infra/core/plan.ts";
import { bringFiles } from "./bring-files.ts";
import { leftAsItIs } from "./left-alone.ts";
import { takeFolder } from "./owner.ts";
import { writeSubjects } from "./publisher-subjects.ts";
import { hostsFor, type Request, runCommand } from "./request.ts";

await runCommand<ServerPlan | PublisherPlan>(async (request) => leftAsItIs(request.plan) ?? bring(request));

async function bring(request: Request<ServerPlan | PublisherPlan>): Promise<string> {
  const { plan, clusterSecret } = request;
  await using hosts = await hostsFor(request, plan.dataDir, plan);
  await takeFolder(hosts.of(plan), plan.dataDir, clusterSecret);
  if ("kind" in plan) await bringFiles(hosts, plan, clusterSecret, process.argv[2] === "create");
  else await writeSubjects(hosts.of(plan), plan, "grow");
  return `files of ${plan.name}`;
}
