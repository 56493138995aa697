// The one resource that a flip updates: it alone attaches, detaches and lets in. Nothing takes it as an input.

import * as pulumi from "@pulumi/pulumi";
import { cutoverPlan } from "../core/cutover-plan.ts";
import type { PublisherPlan, ServerPlan } from "../core/plan.ts";
import type { Topology } from "../core/topology.ts";
import type { Platform } from "../platforms/platform.ts";

/** Arguments of {@link Cutover}. */
export interface CutoverArgs {
  readonly platform: Platform;
  readonly topology: Topology;
  /** Every server and publisher, to take out of its lists afterwards what the config no longer has. */
  readonly plans: readonly (ServerPlan | PublisherPlan)[];
}

/** Makes the active publisher the one that is heard, and proves it. */
export class Cutover extends pulumi.ComponentResource {
  /** What the last cutover did, in one line. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, { platform, topology, plans }: CutoverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("natsby:index:Cutover", name, {}, opts);
    const cutover = platform.cutover(`${name}-run`, cutoverPlan(topology), { parent: this });
    this.done = cutover.stdout;
    platform.contract(`${name}-contract`, plans, { parent: this, dependsOn: cutover });
    this.registerOutputs();
  }
}
