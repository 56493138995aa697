// One dummy: the files and process of a publisher's own nats-server. Whether it is attached stands in its role file, which the cutover owns.

import * as pulumi from "@pulumi/pulumi";
import type { ServerPlan } from "../core/plan.ts";
import type { Platform } from "../platforms/platform.ts";

/** Arguments of {@link Dummy}. */
export interface DummyArgs {
  readonly platform: Platform;
  readonly plan: ServerPlan;
}

/** A publisher's own nats-server: the only server its publisher talks to. */
export class Dummy extends pulumi.ComponentResource {
  /** What was done, in one line. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, { platform, plan }: DummyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("natsby:index:Dummy", name, {}, opts);
    this.done = platform.server(`${name}-server`, plan, { parent: this }).stdout;
    this.registerOutputs();
  }
}
