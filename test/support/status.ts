// The status of a small stack for tests of decisions: publisher0 is heard everywhere, unless the test says otherwise.

import { judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { type StatusJson, statusOf } from "../../infra/core/status.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { healthy } from "./observation.ts";
import { testTopology } from "./topology.ts";

/** The status of what was seen; by default all is well. */
export function statusSeen(
  over: Partial<Topology> = {},
  change: (seen: Observation) => Observation = (seen) => seen,
): StatusJson {
  const topology = testTopology(over);
  const observation = change(healthy(topology));
  return statusOf(topology, observation, judge(topology, observation, { deployedActive: topology.activePublisher }));
}
