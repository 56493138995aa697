// Pulumi's delete command of a server or publisher. Always ends 0 and says what it left: a dead host must not block a destroy.

import { rm } from "node:fs/promises";
import { messageOf } from "../../infra/core/errors.ts";
import { folderOf } from "../../infra/core/layout.ts";
import type { PublisherPlan, ServerPlan } from "../../infra/core/plan.ts";
import { isOwner } from "./owner.ts";
import { runCommand } from "./request.ts";
import { stopServer } from "./server-process.ts";

await runCommand<ServerPlan | PublisherPlan>(async ({ plan, clusterSecret }) => {
  const folder = folderOf(plan.dataDir, plan.name);
  try {
    if (!(await isOwner(plan.dataDir, clusterSecret)))
      return `${plan.name}: left as it is, ${plan.dataDir} is not this stack's`;
    if (!(await stopServer(plan.dataDir, plan.name, plan.timeouts.stop)))
      return `${plan.name}: left running, it cannot be stopped`;
    await rm(folder, { recursive: true, force: true });
    return `${plan.name} stopped, ${folder} removed`;
  } catch (error) {
    return `${plan.name}: left behind, look at ${folder}: ${messageOf(error)}`;
  }
});
