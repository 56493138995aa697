// Pulumi's command after the cutover: takes out of every server's and publisher's lists what the config no longer has.

import { highestTicket } from "../../infra/core/history.ts";
import type { PublisherPlan, ServerPlan } from "../../infra/core/plan.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import { askAll, type Hosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { awaitMesh } from "./mesh.ts";
import { natsServerOn } from "./nats-server-on.ts";
import { settleOwner } from "./owner.ts";
import { runPublisher } from "./publisher-process.ts";
import { writeSubjects } from "./publisher-subjects.ts";
import { hostsFor, runCommand } from "./request.ts";
import { placeServerFiles } from "./server-files.ts";
import { runServer } from "./server-process.ts";

await runCommand<readonly (ServerPlan | PublisherPlan)[]>(async (request) => {
  const { plan, clusterSecret } = request;
  const [first] = plan;
  if (first === undefined) return "nothing to take away";
  await using hosts = await hostsFor(request, first.dataDir, first);
  const done: string[] = [];
  for (const one of plan) {
    const host = hosts.of(one);
    if (!("kind" in one)) {
      await writeSubjects(host, one, "exact");
      const did = await runPublisher(hosts, one, clusterSecret, "after the cutover");
      if (did.includes(" started ")) done.push(did);
      continue;
    }
    const natsServer = await natsServerOn(host, one);
    const files = { lists: "exact", resetRole: false, natsServer } as const;
    const { changed, digest } = await placeServerFiles(host, one, clusterSecret, files);
    if (changed) done.push(`${one.name} ${await runServer(host, one, clusterSecret, { digest, natsServer })}`);
  }
  await settle(hosts, plan, clusterSecret);
  return done.length === 0 ? "nothing to take away" : done.join(", ");
});

/** The end of a rotation cuts links that were made before it: they are dialled again. */
async function settle(
  hosts: Hosts,
  plans: readonly (ServerPlan | PublisherPlan)[],
  clusterSecret: ClusterSecret,
): Promise<void> {
  const ticket = highestTicket(await readJournal(hosts));
  const ended = await askAll(hosts.all, (host) => settleOwner(host, hosts.dataDir, clusterSecret, ticket));
  if (!ended.includes(true)) return;
  const upstreams = plans.filter((plan) => "kind" in plan && plan.kind === "upstream") as readonly ServerPlan[];
  await Promise.all(
    upstreams.map((upstream) =>
      awaitMesh(
        hosts.of(upstream),
        upstream,
        clusterSecret,
        upstreams.filter((other) => other !== upstream).map(({ name }) => name),
      ),
    ),
  );
}
