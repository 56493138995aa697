// Pulumi's command after the cutover: takes out of every server's lists what the config no longer has.

import type { ServerPlan } from "../../infra/core/plan.ts";
import { natsServerPath } from "../toolchain/paths.ts";
import { runCommand } from "./request.ts";
import { placeServerFiles } from "./server-files.ts";
import { runServer } from "./server-process.ts";

await runCommand<readonly ServerPlan[]>(async ({ plan: servers, clusterSecret }) => {
  const natsServer = natsServerPath();
  const shrunk: string[] = [];
  for (const server of servers) {
    const { changed, digest } = await placeServerFiles(server, clusterSecret, {
      lists: "exact",
      resetRole: false,
      natsServer,
    });
    if (changed) shrunk.push(`${server.name} ${await runServer(server, clusterSecret, { digest, natsServer })}`);
  }
  return shrunk.length === 0 ? "nothing to take away" : shrunk.join(", ");
});
