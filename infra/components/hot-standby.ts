// The one component a user needs: upstreams, dummies, publishers and the cutover, in an order that is the same whoever is active.

import * as pulumi from "@pulumi/pulumi";
import type { LeftAlone } from "../core/left-alone.ts";
import { dummyPlan, publisherPlan, upstreamPlan } from "../core/plan.ts";
import type { ClusterSecret } from "../core/secrets.ts";
import type { Once, Topology } from "../core/topology.ts";
import type { HostKeys } from "../hosts/stack-hosts.ts";
import { dockerPlatform } from "../platforms/docker.ts";
import { localPlatform } from "../platforms/local.ts";
import type { Platform } from "../platforms/platform.ts";
import { sshPlatform } from "../platforms/ssh.ts";
import { accepting } from "./accepting.ts";
import { Cutover } from "./cutover.ts";
import { type Drift, leaving, repairing } from "./drift.ts";
import { Dummy } from "./dummy.ts";
import { Publisher } from "./publisher.ts";
import { Upstream } from "./upstream.ts";

/** Arguments of {@link HotStandby}. */
export interface HotStandbyArgs {
  /** What the stack should be: `topologyOf(parseSettings(…), …)`. */
  readonly topology: Topology;
  /** Everything secret is derived from it. At least 32 characters. */
  readonly clusterSecret: pulumi.Input<ClusterSecret>;
  /** Private keys to log in to the stack's hosts with, by host or `default`. @default those of an agent */
  readonly sshPrivateKeys?: pulumi.Input<HostKeys>;
  /** What differs from what the stack last recorded. Nothing is repaired without. @default none */
  readonly drift?: Promise<Drift>;
  /** Whose resources are registered and not changed: `leftAlone(topology)`. @default nobody's */
  readonly alone?: LeftAlone;
  /** Whose container goes on with the secret before, while that is rotated: `keepsOldSecret(hosts, previous)`. @default nobody's */
  readonly keepsOldSecret?: string | null;
  /** A risk that was accepted for this run: `pendingOnce(topology)`. @default none */
  readonly once?: Promise<Once | null>;
}

/**
 * Publishers on hot standby behind a NATS cluster: all publish all the time, exactly one is heard.
 * @example new HotStandby("natsby", { topology, clusterSecret: config.requireSecret("clusterSecret") });
 */
export class HotStandby extends pulumi.ComponentResource {
  /** What the last cutover did, in one line. */
  readonly lastCutover: pulumi.Output<string>;

  constructor(name: string, args: HotStandbyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { topology, alone = new Map() } = args;
    const transforms = [repairing(args.drift), accepting(args.once), leaving(alone), ...(opts?.transforms ?? [])];
    super("natsby:index:HotStandby", name, {}, { ...opts, transforms });
    const platform = platformOf(topology, args, this);
    const upstreams = topology.upstreams.map((upstream) => upstreamPlan(topology, upstream));
    const dummies = topology.publishers.map((publisher) => dummyPlan(topology, publisher));

    // Upstreams in a static chain: a change that restarts them takes them one at a time.
    let before: pulumi.Resource[] = this.#prepare(platform, topology);
    for (const plan of upstreams) {
      before = [new Upstream(plan.name, { platform, plan }, { parent: this, dependsOn: before })];
    }
    const publishing = topology.publishers.map((publisher, index) => {
      const plan = dummies[index];
      if (plan === undefined) throw new Error(`no plan for ${publisher.dummy.name}`);
      const dummy = new Dummy(plan.name, { platform, plan }, { parent: this, dependsOn: before });
      const own = publisherPlan(topology, publisher);
      return new Publisher(publisher.name, { platform, plan: own }, { parent: this, dependsOn: dummy });
    });
    const all = [...upstreams, ...dummies, ...topology.publishers.map((one) => publisherPlan(topology, one))];
    const plans = all.filter((plan) => !alone.has(plan.name));
    const cutover = new Cutover("cutover", { platform, topology, plans }, { parent: this, dependsOn: publishing });
    this.lastCutover = cutover.done;
    this.registerOutputs({ lastCutover: this.lastCutover });
  }

  /** Hosts with something on them. Those that were given up whole are not touched, and keep what stands for their folder. */
  #prepare(platform: Platform, { fenced, hosts = [], publishers, upstreams }: Topology): pulumi.Resource[] {
    const placed = (name: string) => [...upstreams, ...publishers].filter((one) => one.host === name);
    return hosts.flatMap((host) => {
      const here = placed(host.name);
      if (here.length === 0) return [];
      const folder = platform.folder?.(`${host.name}-folder`, host, { parent: this }) ?? [];
      if (here.every((one) => fenced.includes(one.name))) return folder;
      return [platform.prepare?.(`${host.name}-host`, host, { parent: this }) ?? [], folder].flat();
    });
  }
}

function platformOf(topology: Topology, args: HotStandbyArgs, parent: pulumi.Resource): Platform {
  const { clusterSecret, keepsOldSecret = null, sshPrivateKeys = {} } = args;
  if (topology.platform === "docker") return dockerPlatform(topology, clusterSecret, keepsOldSecret, { parent });
  return topology.platform === "ssh"
    ? sshPlatform(topology, clusterSecret, sshPrivateKeys)
    : localPlatform(clusterSecret);
}
