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
  const resetRole = process.argv[2] === "create" || (await mustBeDetached(plan));
  const { digest } = await placeServerFiles(plan, clusterSecret, { lists: "grow", resetRole, natsServer });
  const done = await runServer(plan, clusterSecret, { digest, natsServer });
  if (done.startsWith("restarted")) await awaitMesh(plan, clusterSecret, linksBefore);
  return `${plan.name} ${done} ${digest.slice(0, 15)}`;
});

/**
 * A role file that says attached is believed only of the dummy that the journal names as active; any other, and a broken one,
 * is put to detached before the server reads it: an edit by hand must not attach a second dummy.
 */
async function mustBeDetached({ kind, name, dataDir, publisher }: ServerPlan): Promise<boolean> {
  if (kind === "upstream") return false;
  const text = await readText(`${folderOf(dataDir, name)}/${fileNames.role}`).catch(() => "");
  const role = parseRoleFile(text ?? "");
  if (role.state === "detached") return false;
  if (role.state === "broken") return !findProcesses(dataDir).has(name);
  return lastActive(await readJournal(localHost(dataDir), dataDir)) !== publisher;
}
