// One publisher: its process, connected to its own dummy only. It never learns an upstream's address.

import * as pulumi from "@pulumi/pulumi";
import type { PublisherPlan } from "../core/plan.ts";
import type { Platform } from "../platforms/platform.ts";

/** Arguments of {@link Publisher}. */
export interface PublisherArgs {
  readonly platform: Platform;
  readonly plan: PublisherPlan;
}

/** A process that publishes all the time, in either role. */
export class Publisher extends pulumi.ComponentResource {
  /** What was done, in one line. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, { platform, plan }: PublisherArgs, opts?: pulumi.ComponentResourceOptions) {
    super("natsby:index:Publisher", name, {}, opts);
    this.done = platform.publisher(`${name}-process`, plan, { parent: this }).stdout;
    this.registerOutputs();
  }
}
