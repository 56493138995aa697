// The files of a server before a cutover: lists grow, and a role file that must not be believed is put to detached.

import { lastActive } from "../../infra/core/history.ts";
import { fileNames, folderOf } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { parseRoleFile } from "../../infra/core/role-file.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { isAlone, linksOf } from "./mesh.ts";
import { natsServerOn } from "./nats-server-on.ts";
import { placeServerFiles } from "./server-files.ts";

/** What was brought, and by what it is run. */
export interface Brought {
  readonly digest: string;
  readonly natsServer: string;
  /** Who was linked before; null where it did not answer. */
  readonly linked: readonly string[] | null;
}

/** @param isNew whether whatever lies there is put back to what a new server has */
export async function bringFiles(
  hosts: Hosts,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  isNew: boolean,
): Promise<Brought> {
  const host = hosts.of(plan);
  const natsServer = await natsServerOn(host, plan);
  const linked = await linksOf(host, plan, clusterSecret);
  const resetRole = isNew || (await mustBeDetached(hosts, plan, clusterSecret, linked !== null));
  const { digest } = await placeServerFiles(host, plan, clusterSecret, {
    lists: "grow",
    resetRole,
    linked: linked ?? [],
    natsServer,
  });
  return { digest, natsServer, linked };
}

/**
 * A role file that says attached is believed only of the dummy that the journal names as active, and of one that is to be
 * started only where nobody else is linked; any other, and a broken one, is put to detached before the server reads it: an
 * edit by hand must not attach a second dummy, and what was attached while this one was down must not be joined by it.
 */
async function mustBeDetached(
  hosts: Hosts,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  answers: boolean,
): Promise<boolean> {
  const { kind, name, dataDir, publisher } = plan;
  if (kind === "upstream") return false;
  const text = await hosts
    .of(plan)
    .read(`${folderOf(dataDir, name)}/${fileNames.role}`)
    .catch(() => "");
  const role = parseRoleFile(text ?? "");
  if (role.state !== "attached") return role.state === "broken";
  if (lastActive(await readJournal(hosts)) !== publisher) return true;
  return !answers && !(await isAlone(hosts, plan, clusterSecret));
}
