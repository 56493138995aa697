// Pulumi's command after the cutover: takes out of every server's and publisher's lists what the config no longer has.

import type { PublisherPlan, ServerPlan } from "../../infra/core/plan.ts";
import { natsServerPath } from "../toolchain/paths.ts";
import { writeSubjects } from "./publisher-subjects.ts";
import { runCommand } from "./request.ts";
import { placeServerFiles } from "./server-files.ts";
import { runServer } from "./server-process.ts";

await runCommand<readonly (ServerPlan | PublisherPlan)[]>(async ({ plan, clusterSecret }) => {
  const natsServer = natsServerPath();
  const shrunk: string[] = [];
  for (const one of plan) {
    if (!("kind" in one)) {
      await writeSubjects(one, "exact");
      continue;
    }
    const files = { lists: "exact", resetRole: false, natsServer } as const;
    const { changed, digest } = await placeServerFiles(one, clusterSecret, files);
    if (changed) shrunk.push(`${one.name} ${await runServer(one, clusterSecret, { digest, natsServer })}`);
  }
  return shrunk.length === 0 ? "nothing to take away" : shrunk.join(", ");
});
