// What the cutover is asked for: the topology, and each dummy's role file as a preview shows it.

import { renderRoleFile, routesOf } from "./role-file.ts";
import type { Once, Topology } from "./topology.ts";

/** The request of one cutover. */
export interface CutoverPlan {
  readonly topology: Topology;
  /** Text of each dummy's role file, by the dummy's name, without a ticket. */
  readonly roles: Readonly<Record<string, string>>;
  /** A risk accepted for the run with its ticket. No part of what a stack should be: it is never compared. */
  readonly once: Once | null;
}

/** The cutover that makes the topology's active publisher the one that is heard. */
export function cutoverPlan(topology: Topology): CutoverPlan {
  const roles = topology.publishers.map(({ name, dummy }) => [
    dummy.name,
    renderRoleFile({ dummy: dummy.name, routes: routesOf(topology, name), epoch: topology.epoch }),
  ]);
  return { topology: { ...topology, once: null }, roles: Object.fromEntries(roles), once: topology.once };
}

/** The part of the request that a preview shows line by line; names with underscores, since dash drops others. */
export function cutoverEnvironment({ topology, roles }: CutoverPlan): Record<string, string> {
  const shown = Object.entries(roles).map(([dummy, text]) => [`NATSBY_ROLE_${dummy.replaceAll("-", "_")}`, text]);
  return {
    NATSBY_ACTIVE: topology.activePublisher,
    NATSBY_EPOCH: String(topology.epoch),
    NATSBY_FENCED: topology.fenced.join(" "),
    ...Object.fromEntries(shown),
  };
}
