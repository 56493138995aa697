// A stack's folder carries the name of its owner: another stack's folder is refused, never written to. Knows how far a rotation is.

import { stackFiles } from "../../infra/core/layout.ts";
import { liesElsewhere } from "../../infra/core/local-try.ts";
import { type ClusterSecret, currentOf, instanceOf, secretsOf } from "../../infra/core/secrets.ts";
import { type Host, thisMachine } from "../../infra/hosts/host.ts";
import { type Owner, readOwner, refuseOtherOwner, writeOwner } from "../../infra/hosts/owner-file.ts";

/** Far longer than a file takes to be written. */
const turnMs = 10_000;

/** Takes the folder for this stack, or finds that it is this stack's already. @throws UserError when it is another's. */
export function takeFolder(host: Host, dataDir: string, clusterSecret: ClusterSecret): Promise<void> {
  return inTurn(host, dataDir, () => take(host, dataDir, clusterSecret));
}

/** Pulumi runs the commands of several publishers at once. */
const inTurn = <T>(host: Host, dataDir: string, work: () => Promise<T>): Promise<T> =>
  host.inTurn(`${dataDir}/${stackFiles.owner}`, turnMs, work);

async function take(host: Host, dataDir: string, clusterSecret: ClusterSecret): Promise<void> {
  const owner = isAnotherFolders(host, dataDir) ? { instance: "" } : await readOwner(host, dataDir);
  const [own, previous] = secretsOf(clusterSecret).map(instanceOf);
  if (own === undefined) throw new Error("there is no secret");
  if (owner === null) return writeOwner(host, dataDir, { instance: own });
  refuseOtherOwner(dataDir, owner, own, previous);
  if (owner.instance === previous && owner.next !== own)
    await writeOwner(host, dataDir, { instance: previous, next: own });
}

/** A folder of this machine that a copied checkout still names. */
const isAnotherFolders = ({ name }: Host, dataDir: string): boolean =>
  name === thisMachine && liesElsewhere(dataDir, process.env.PULUMI_BACKEND_URL);

/** Whether the folder carries this stack's name, and is not what a copied checkout still names. */
export async function isOwner(host: Host, dataDir: string, clusterSecret: ClusterSecret): Promise<boolean> {
  if (isAnotherFolders(host, dataDir)) return false;
  const owner = await readOwner(host, dataDir);
  return secretsOf(clusterSecret)
    .map(instanceOf)
    .some((instance) => instance === owner?.instance || instance === owner?.next);
}

/** The secret whose certificates servers show: the new one only when all accept it. */
export async function shownSecret(host: Host, dataDir: string, clusterSecret: ClusterSecret): Promise<string> {
  if (typeof clusterSecret === "string") return clusterSecret;
  const owner = await readOwner(host, dataDir);
  const waits = owner?.instance === instanceOf(clusterSecret.previous) && owner.readySince === undefined;
  return waits ? clusterSecret.previous : clusterSecret.current;
}

/** After the cutover: every server that could be told accepts what the config has. Whether a rotation ended with it. */
export function settleOwner(
  host: Host,
  dataDir: string,
  clusterSecret: ClusterSecret,
  ticket: number,
): Promise<boolean> {
  return inTurn(host, dataDir, async () => {
    const owner = await readOwner(host, dataDir);
    const settled = settledOwner(owner, clusterSecret, ticket);
    if (JSON.stringify(settled) !== JSON.stringify(owner)) await writeOwner(host, dataDir, settled);
    return owner?.next !== undefined && settled.next === undefined;
  });
}

function settledOwner(owner: Owner | null, clusterSecret: ClusterSecret, ticket: number): Owner {
  const own = instanceOf(currentOf(clusterSecret));
  const isUnderWay = typeof clusterSecret !== "string" && owner?.instance === instanceOf(clusterSecret.previous);
  if (!isUnderWay) return { instance: own };
  return { instance: owner.instance, next: own, readySince: owner.readySince ?? ticket };
}
