// Stack outputs: what `status`, CI and other programs need. Secrets are marked; nothing of the cutover is called active.

import * as pulumi from "@pulumi/pulumi";
import { clientUrlOf } from "../core/ports.ts";
import { type ClusterSecret, subscriberPassword, userOf, users } from "../core/secrets.ts";
import type { Server, Topology } from "../core/topology.ts";
import type { HotStandby } from "./hot-standby.ts";

/** The outputs of a stack. */
export function outputsOf(topology: Topology, clusterSecret: pulumi.Output<ClusterSecret>, standby: HotStandby) {
  const password = pulumi.secret(clusterSecret.apply(subscriberPassword));
  const user = pulumi.unsecret(clusterSecret.apply((secret) => userOf(secret, users.subscriber)));
  return {
    activePublisher: topology.activePublisher,
    epoch: topology.epoch,
    fenced: topology.fenced,
    upstreams: topology.upstreams.map((upstream) => ({ name: upstream.name, ...urlsOf(upstream) })),
    publishers: topology.publishers.map(({ name, dummy, host }) => ({
      ...{ name, dummy: dummy.name, ...urlsOf(dummy) },
      ...(topology.hosts === undefined || host === undefined ? {} : { host }),
    })),
    /** May subscribe at every upstream, and nothing else. */
    subscriber: { user, password },
    lastCutover: standby.lastCutover,
  };
}

function urlsOf(server: Server) {
  const { monitorPort } = server;
  const monitorUrl = monitorPort === null ? null : `http://127.0.0.1:${monitorPort}`;
  return { clientUrl: clientUrlOf(server), monitorUrl };
}
