// The port `Platform`: the Pulumi resources that bring a server, a publisher and a cutover to where they run.

import type * as pulumi from "@pulumi/pulumi";
import type { CutoverPlan } from "../core/cutover-plan.ts";
import type { PublisherPlan, ServerPlan } from "../core/plan.ts";
import type { HostAddress } from "../core/topology.ts";

/** A command whose output says, in one line, what was done. */
export interface Done extends pulumi.Resource {
  readonly stdout: pulumi.Output<string>;
}

/** Where servers run, as Pulumi resources. Names of resources are given by the components and never change. */
export interface Platform {
  /** What a host needs before anything is put on it; absent where that is this machine. */
  prepare?(name: string, host: HostAddress, options: pulumi.CustomResourceOptions): pulumi.Resource;
  /** What takes the stack's folder away from a host that has nothing of the stack any more; absent where that is this machine. */
  folder?(name: string, host: HostAddress, options: pulumi.CustomResourceOptions): pulumi.Resource;
  server(name: string, plan: ServerPlan, options: pulumi.CustomResourceOptions): Done;
  publisher(name: string, plan: PublisherPlan, options: pulumi.CustomResourceOptions): Done;
  cutover(name: string, plan: CutoverPlan, options: pulumi.CustomResourceOptions): Done;
  contract(name: string, plan: readonly (ServerPlan | PublisherPlan)[], options: pulumi.CustomResourceOptions): Done;
}
