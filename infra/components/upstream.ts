// One upstream: its files and process. Who may link to it stands in its pins file, which the cutover owns.

import * as pulumi from "@pulumi/pulumi";
import type { ServerPlan } from "../core/plan.ts";
import type { Platform } from "../platforms/platform.ts";

/** Arguments of {@link Upstream}. */
export interface UpstreamArgs {
  readonly platform: Platform;
  readonly plan: ServerPlan;
}

/** A nats-server of the real cluster. */
export class Upstream extends pulumi.ComponentResource {
  /** What was done, in one line. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, { platform, plan }: UpstreamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("natsby:index:Upstream", name, {}, opts);
    this.done = platform.server(`${name}-server`, plan, { parent: this }).stdout;
    this.registerOutputs();
  }
}
