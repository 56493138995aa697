// The one component a user needs: upstreams, dummies, publishers and the cutover, in an order that is the same whoever is active.

import * as pulumi from "@pulumi/pulumi";
import { dummyPlan, publisherPlan, upstreamPlan } from "../core/plan.ts";
import type { Topology } from "../core/topology.ts";
import { localPlatform } from "../platforms/local.ts";
import { Cutover } from "./cutover.ts";
import { type Drift, repairing } from "./drift.ts";
import { Dummy } from "./dummy.ts";
import { Publisher } from "./publisher.ts";
import { Upstream } from "./upstream.ts";

/** Arguments of {@link HotStandby}. */
export interface HotStandbyArgs {
  /** What the stack should be: `topologyOf(parseSettings(…), …)`. */
  readonly topology: Topology;
  /** Everything secret is derived from it. At least 32 characters. */
  readonly clusterSecret: pulumi.Input<string>;
  /** What differs from what the stack last recorded. Nothing is repaired without. @default none */
  readonly drift?: Promise<Drift>;
}

/**
 * Publishers on hot standby behind a NATS cluster: all publish all the time, exactly one is heard.
 * @example new HotStandby("natsby", { topology, clusterSecret: config.requireSecret("clusterSecret") });
 */
export class HotStandby extends pulumi.ComponentResource {
  /** What the last cutover did, in one line. */
  readonly lastCutover: pulumi.Output<string>;

  constructor(name: string, args: HotStandbyArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "natsby:index:HotStandby",
      name,
      {},
      { ...opts, transforms: [repairing(args.drift), ...(opts?.transforms ?? [])] },
    );
    const { topology } = args;
    const platform = localPlatform(args.clusterSecret);
    const upstreams = topology.upstreams.map((upstream) => upstreamPlan(topology, upstream));
    const dummies = topology.publishers.map((publisher) => dummyPlan(topology, publisher));

    // Upstreams in a static chain: a change that restarts them takes them one at a time.
    let before: pulumi.Resource[] = [];
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
    const plans = [...upstreams, ...dummies, ...topology.publishers.map((one) => publisherPlan(topology, one))];
    const cutover = new Cutover("cutover", { platform, topology, plans }, { parent: this, dependsOn: publishing });
    this.lastCutover = cutover.done;
    this.registerOutputs({ lastCutover: this.lastCutover });
  }
}
