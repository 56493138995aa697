// Pulumi's command for one upstream or dummy: `apply/server create|update`. Never attaches and never lets anybody in: the cutover does.

import { lastActive } from "../../infra/core/history.ts";
import { fileNames, folderOf } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { parseRoleFile } from "../../infra/core/role-file.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { localHost, readText } from "../../infra/hosts/local.ts";
import { findProcesses } from "../../infra/hosts/processes.ts";
import { natsServerPath } from "../toolchain/paths.ts";
import { awaitMesh, linksOf } from "./mesh.ts";
import { takeFolder } from "./owner.ts";
import { runCommand } from "./request.ts";
import { placeServerFiles } from "./server-files.ts";
import { runServer } from "./server-process.ts";

await runCommand<ServerPlan>(async ({ plan, clusterSecret }) => {
  await takeFolder(plan.dataDir, clusterSecret);
  const natsServer = natsServerPath();
  const linksBefore = plan.kind === "upstream" ? await linksOf(plan, clusterSecret) : [];
  const resetRole = process.argv[2] === "create" || (await mustStartDetached(plan));
  const { digest } = await placeServerFiles(plan, clusterSecret, { lists: "grow", resetRole, natsServer });
  const done = await runServer(plan, clusterSecret, { digest, natsServer });
  if (done.startsWith("restarted")) await awaitMesh(plan, clusterSecret, linksBefore);
  return `${plan.name} ${done} ${digest.slice(0, 15)}`;
});

/** A dummy that is about to be started comes back attached only where the journal says that it was the active one. */
async function mustStartDetached({ kind, name, dataDir, publisher }: ServerPlan): Promise<boolean> {
  if (kind === "upstream" || findProcesses(dataDir).has(name)) return false;
  const text = await readText(`${folderOf(dataDir, name)}/${fileNames.role}`).catch(() => "");
  if (text === null || parseRoleFile(text).state === "detached") return false;
  const active = lastActive(await readJournal(localHost(dataDir), dataDir));
  return active === null || active !== publisher;
}
