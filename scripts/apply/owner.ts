// A stack's folder carries the name of its owner: another stack's folder is refused, never written to.

import { UserError } from "../../infra/core/errors.ts";
import { stackFiles } from "../../infra/core/layout.ts";
import { liesElsewhere } from "../../infra/core/local-try.ts";
import { instanceOf } from "../../infra/core/secrets.ts";
import { readText, writeText } from "../../infra/hosts/local.ts";

/** Takes the folder for this stack, or finds that it is this stack's already. @throws UserError when it is another's. */
export async function takeFolder(dataDir: string, clusterSecret: string): Promise<void> {
  if (await isOwner(dataDir, clusterSecret, true)) return;
  throw new UserError(`dataDir ${dataDir} belongs to another stack`, {
    code: "foreign-folder",
    hint: "give this stack its own: `natsby init local --fresh`",
  });
}

/**
 * Whether the folder carries this stack's name, and is not what a copied checkout still names. `take`: write the name where
 * the folder carries none.
 */
export async function isOwner(dataDir: string, clusterSecret: string, take = false): Promise<boolean> {
  if (liesElsewhere(dataDir, process.env.PULUMI_BACKEND_URL)) return false;
  const path = `${dataDir}/${stackFiles.owner}`;
  const instance = instanceOf(clusterSecret);
  const text = await readText(path);
  if (text === null && take) await writeText(path, `${JSON.stringify({ instance })}\n`, 0o600);
  return text === null ? take : text.includes(`"instance":"${instance}"`);
}
