// Whose a stack's folder on a host is: the public names of its secrets, never a secret.

import { UserError } from "../core/errors.ts";
import { stackFiles } from "../core/layout.ts";
import type { Host } from "./host.ts";

/** What the file says. */
export interface Owner {
  /** `instanceOf` the secret that everything here is derived from. */
  readonly instance: string;
  /** Of the secret that takes its place, while it is rotated. */
  readonly next?: string;
  /** The last ticket before every server accepted the next one; absent while not all of them do. */
  readonly readySince?: number;
}

/** Null where nobody owns the folder; a broken file is nobody's. */
export async function readOwner(host: Pick<Host, "read">, dataDir: string): Promise<Owner | null> {
  const text = await host.read(`${dataDir}/${stackFiles.owner}`);
  if (text === null) return null;
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    if (typeof owner?.instance === "string") return owner as Owner;
  } catch {}
  return { instance: "unreadable" };
}

export const writeOwner = (host: Host, dataDir: string, owner: Owner): Promise<void> =>
  host.write(`${dataDir}/${stackFiles.owner}`, `${JSON.stringify(owner)}\n`, 0o600);

/**
 * @param own `instanceOf` the config's secret, and `previous` of the one before it, where the config has one.
 * @throws UserError where the folder is another stack's, or a rotation would end before every server knows the new secret.
 */
export function refuseOtherOwner(dataDir: string, owner: Owner, own: string, previous?: string): void {
  if (owner.instance === own || owner.instance === previous) return;
  if (owner.next !== own) {
    throw new UserError(`dataDir ${dataDir} belongs to another stack`, {
      code: "foreign-folder",
      hint: "give this stack its own: `natsby init local --fresh`; if its clusterSecret was changed, put the old one into clusterSecretPrevious",
    });
  }
  if (owner.readySince !== undefined) return;
  throw new UserError(
    "clusterSecretPrevious is gone from the config, and not every server accepts the new secret yet",
    {
      code: "rotation-unfinished",
      hint: "put the old secret back into clusterSecretPrevious, pulumi up; when that ended well, take it out again",
    },
  );
}
