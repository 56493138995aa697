// What the rules of judging are given. A file of its own, so that the rules need not know who asks them.

import type { Observation } from "./observation.ts";
import type { Topology } from "./topology.ts";

/** Everything that the rules of judging look at. */
export interface Case {
  readonly topology: Topology;
  readonly observation: Observation;
  readonly active: string;
}
