// A risk accepted for one run: carried to the cutover of that run alone, so that it is no part of what the stack should be.

import * as pulumi from "@pulumi/pulumi";
import { nextTicket } from "../core/history.ts";
import type { Once, Topology } from "../core/topology.ts";
import { type Hosts, highestGuard } from "../hosts/hosts.ts";
import { readJournal } from "../hosts/journal.ts";
import type { Drift } from "./drift.ts";
import type { Recorded } from "./recorded.ts";

const variable = "NATSBY_ONCE";

/** The config's `once`, where the next cutover is the one that it was accepted for. Any other is said, and ignored. */
export async function pendingOnce({ once }: Topology, hosts: Hosts): Promise<Once | null> {
  if (once === null) return null;
  const [{ ticket }, journal] = await Promise.all([highestGuard(hosts), readJournal(hosts)]);
  const next = nextTicket(ticket, journal);
  if (once.ticket === next) return once;
  void pulumi.log.info(`once: ${once.flag} was accepted for ticket ${once.ticket}, the next is ${next}: ignored`);
  return null;
}

/** Whether the cutover has something to do: an accepted risk alone is no reason to run. */
export function wakesCutover(topology: Topology, recorded: Recorded | null, drift: Drift): boolean {
  const { activePublisher, epoch } = topology;
  return recorded?.activePublisher !== activePublisher || recorded.epoch !== epoch || drift.has("cutover-run");
}

/** The transform that carries it: the engine keeps the old one while there is none, so that taking it away is no change. */
export function accepting(once: Promise<Once | null> | undefined): pulumi.ResourceTransform {
  return async ({ name, type, props, opts }) => {
    if (type !== "command:local:Command" || name !== "cutover-run" || once === undefined) return undefined;
    const accepted = await once;
    const custom = opts as pulumi.CustomResourceOptions;
    if (accepted !== null) {
      return { props: { ...props, environment: { ...props.environment, [variable]: JSON.stringify(accepted) } }, opts };
    }
    return { props, opts: { ...custom, ignoreChanges: [...(custom.ignoreChanges ?? []), `environment.${variable}`] } };
  };
}
