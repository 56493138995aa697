// Pulumi's command for one publisher's process: `apply/publisher create|update`. Restarts it only when what it runs with changed.

import type { PublisherPlan } from "../../infra/core/plan.ts";
import { leftAsItIs } from "./left-alone.ts";
import { takeFolder } from "./owner.ts";
import { runPublisher } from "./publisher-process.ts";
import { writeSubjects } from "./publisher-subjects.ts";
import { hostsFor, type Request, runCommand } from "./request.ts";

await runCommand<PublisherPlan>(async (request) => leftAsItIs(request.plan) ?? bring(request));

async function bring(request: Request<PublisherPlan>): Promise<string> {
  const { plan, clusterSecret } = request;
  await using hosts = await hostsFor(request, plan.dataDir, plan);
  const host = hosts.of(plan);
  await takeFolder(host, plan.dataDir, clusterSecret);
  await writeSubjects(host, plan, "grow");
  return await runPublisher(hosts, plan, clusterSecret, "before the cutover");
}
