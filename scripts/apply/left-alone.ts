// Whom a command of Pulumi's leaves alone: it ends well and touches nothing, no file and no process.

import { leftAloneVariable } from "../../infra/core/left-alone.ts";
import type { PublisherPlan, ServerPlan } from "../../infra/core/plan.ts";
import { type Hosts, highestGuard } from "../../infra/hosts/hosts.ts";

/** What is said instead of bringing it to run; null for one that is to run. */
export function leftAsItIs({ name }: ServerPlan | PublisherPlan): string | null {
  const why = process.env[leftAloneVariable];
  return why === undefined ? null : `${name}: left as it is, it was ${why}`;
}

/**
 * Whether a host was given up. The stack's record may be older than the failover, so the other hosts are asked as well: on the
 * platform `local` that is the one there is.
 */
export async function isGivenUp(hosts: Hosts, plan: ServerPlan | PublisherPlan): Promise<boolean> {
  if (process.env[leftAloneVariable] === "given up") return true;
  const owner = "kind" in plan ? (plan.publisher ?? plan.name) : plan.name;
  const others = hosts.without([owner]);
  return others.all.length > 0 && (await highestGuard(others)).fenced.includes(owner);
}
