// Every kind of witness that needs nothing of the upstreams, started together.

import { PairWitness } from "./pair-witness.ts";
import { QueueWitness } from "./queue-witness.ts";
import type { TestStack } from "./stack.ts";
import { type SubscriberAddress, upstreamsOf, Witness } from "./witness.ts";

/** Who listens, besides a stream. */
export interface Witnesses {
  /** A raw subscriber at every upstream. */
  readonly witness: Witness;
  /** A queue group over all. */
  readonly group: QueueWitness;
  /** One client of two upstreams. */
  readonly pair: PairWitness;
}

/** Starts every witness that needs nothing of the upstreams. */
export const witnessesOf = (
  { topology, clusterSecret }: TestStack,
  addresses = upstreamsOf(topology, clusterSecret),
): Promise<Witnesses> => witnessesAt(addresses);

/** The same at these addresses. */
export async function witnessesAt(addresses: readonly SubscriberAddress[]): Promise<Witnesses> {
  const [witness, group, pair] = await Promise.all([
    Witness.at(addresses),
    QueueWitness.at(addresses),
    PairWitness.at(addresses),
  ]);
  return { witness, group, pair };
}
