// The keys and passwords of one server: the one place that knows of generations. Another generation is another key, so that a stolen one is worth nothing.

import { type Identity, issueIdentity, pinOf } from "./certificates.ts";
import { type ClusterSecret, passwordOf, secretsOf } from "./secrets.ts";

/** How often each server's keys were replaced, by its name; one that is not named never had others. */
export type Generations = Readonly<Record<string, number>>;

/** A topology or a plan. One that was recorded before there were generations has none. */
export interface HasGenerations {
  readonly generations?: Generations;
}

/** The generation of a server's keys. */
export const generationOf = ({ generations = {} }: HasGenerations, server: string): number =>
  Object.hasOwn(generations, server) ? (generations[server] ?? 0) : 0;

/** Password of `user` at a server. */
export const serverPassword = (
  clusterSecret: ClusterSecret,
  known: HasGenerations,
  server: string,
  user: string,
): string => passwordOf(clusterSecret, labelOf(known, server), user);

/** Pin of a server's key. */
export const serverPin = (clusterSecret: ClusterSecret, known: HasGenerations, server: string): string =>
  pinOf(clusterSecret, labelOf(known, server));

/** Pins of a server's keys, one for each secret that is accepted. */
export const serverPins = (clusterSecret: ClusterSecret, known: HasGenerations, server: string): readonly string[] =>
  secretsOf(clusterSecret).map((secret) => serverPin(secret, known, server));

/** Certificate and key of a server. */
export const serverIdentity = (
  clusterSecret: ClusterSecret,
  known: HasGenerations,
  server: string,
  addresses: readonly string[],
): Promise<Identity> => issueIdentity(clusterSecret, labelOf(known, server), addresses);

/** What keys are derived for. A name has no slash, so no label is another server's. */
function labelOf(known: HasGenerations, server: string): string {
  const generation = generationOf(known, server);
  return generation === 0 ? server : `${server}/${generation}`;
}
