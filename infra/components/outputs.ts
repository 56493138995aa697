// Stack outputs: what `status`, CI and other programs need. Secrets are marked; nothing of the cutover is called active.

import * as pulumi from "@pulumi/pulumi";
import { subscriberPassword, users } from "../core/secrets.ts";
import type { Server, Topology } from "../core/topology.ts";
import type { HotStandby } from "./hot-standby.ts";

/** The outputs of a stack. */
export function outputsOf(topology: Topology, clusterSecret: pulumi.Output<string>, standby: HotStandby) {
  const password = pulumi.secret(clusterSecret.apply(subscriberPassword));
  return {
    activePublisher: topology.activePublisher,
    epoch: topology.epoch,
    fenced: topology.fenced,
    upstreams: topology.upstreams.map((upstream) => ({ name: upstream.name, ...urlsOf(upstream) })),
    publishers: topology.publishers.map(({ name, dummy }) => ({ name, dummy: dummy.name, ...urlsOf(dummy) })),
    /** May subscribe at every upstream, and nothing else. */
    subscriber: { user: users.subscriber, password },
    lastCutover: standby.lastCutover,
  };
}

function urlsOf({ address, clientPort, monitorPort }: Server) {
  const monitorUrl = monitorPort === null ? null : `http://127.0.0.1:${monitorPort}`;
  return { clientUrl: `nats://${address}:${clientPort}`, monitorUrl };
}
