// Pulumi's command for one upstream or dummy: `apply/server create|update`. Never attaches and never lets anybody in: the cutover does.

import { lastActive } from "../../infra/core/history.ts";
import { fileNames, folderOf } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { parseRoleFile } from "../../infra/core/role-file.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { localHost, readText } from "../../infra/hosts/local.ts";
import { natsServerPath } from "../toolchain/paths.ts";
import { awaitMesh, awaitOthers, isAlone, linksOf } from "./mesh.ts";
import { takeFolder } from "./owner.ts";
import { runCommand } from "./request.ts";
import { placeServerFiles } from "./server-files.ts";
import { runServer } from "./server-process.ts";

await runCommand<ServerPlan>(async ({ plan, clusterSecret }) => {
  await takeFolder(plan.dataDir, clusterSecret);
  const natsServer = natsServerPath();
  const linked = await linksOf(plan, clusterSecret);
  const resetRole = process.argv[2] === "create" || (await mustBeDetached(plan, clusterSecret, linked !== null));
  const { digest } = await placeServerFiles(plan, clusterSecret, {
    lists: "grow",
    resetRole,
    linked: linked ?? [],
    natsServer,
  });
  const done = await runServer(plan, clusterSecret, { digest, natsServer });
  if (plan.kind === "upstream") await linkedAgain(plan, clusterSecret, done, linked);
  return `${plan.name} ${done} ${digest.slice(0, 15)}`;
});

/** One that was linked is linked again before the next one restarts; one that was down or frozen is found by the others. */
async function linkedAgain(plan: ServerPlan, clusterSecret: string, done: string, linked: readonly string[] | null) {
  if (done.startsWith("restarted") && linked !== null) await awaitMesh(plan, clusterSecret, linked);
  else if (/^(re)?started/.test(done) && process.argv[2] === "update") await awaitOthers(plan, clusterSecret);
}

/**
 * A role file that says attached is believed only of the dummy that the journal names as active, and of one that is to be
 * started only where nobody else is linked; any other, and a broken one, is put to detached before the server reads it: an
 * edit by hand must not attach a second dummy, and what was attached while this one was down must not be joined by it.
 */
async function mustBeDetached(plan: ServerPlan, clusterSecret: string, answers: boolean): Promise<boolean> {
  const { kind, name, dataDir, publisher } = plan;
  if (kind === "upstream") return false;
  const text = await readText(`${folderOf(dataDir, name)}/${fileNames.role}`).catch(() => "");
  const role = parseRoleFile(text ?? "");
  if (role.state !== "attached") return role.state === "broken";
  if (lastActive(await readJournal(localHost(dataDir), dataDir)) !== publisher) return true;
  return !answers && !(await isAlone(plan, clusterSecret));
}
