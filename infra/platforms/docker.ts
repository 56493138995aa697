// Platform `docker`: containers on engines, by @pulumi/docker, which makes and replaces them; natsby's programs bring files before and
// prove what runs afterwards, over one warm connection an engine. A flip changes no container. Inputs are the same text on every machine.

import { Container } from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { PublisherPlan, ServerPlan } from "../core/plan.ts";
import { publisherEnvironment } from "../core/publisher-environment.ts";
import { type ClusterSecret, currentOf, previousOf } from "../core/secrets.ts";
import type { Topology } from "../core/topology.ts";
import { hostsPlan } from "../hosts/stack-hosts.ts";
import { publisherArgs, serverArgs } from "./docker/containers.ts";
import { OnEngine } from "./docker/on-engine.ts";
import { filesCommand, localPlatform, type Shown } from "./local.ts";
import type { Platform } from "./platform.ts";

/** How the command comes that proves what runs: it runs for every new container. */
interface Proved {
  readonly options: pulumi.CustomResourceOptions;
  readonly shown: Shown;
}

/**
 * @param keepsOldSecret the publisher whose container goes on with the secret before, while that is rotated; null: none
 * @param options the component whose parts an engine's networks, volumes, images and keeper are
 */
export function dockerPlatform(
  topology: Topology,
  clusterSecret: pulumi.Input<ClusterSecret>,
  keepsOldSecret: string | null,
  options: pulumi.CustomResourceOptions,
): Platform {
  const engines = new Map(
    (topology.engines ?? []).map((engine) => [engine.name, new OnEngine(engine, topology, options)]),
  );
  const engineOf = ({ host, name }: ServerPlan | PublisherPlan): OnEngine => {
    const engine = engines.get(host ?? "");
    if (engine === undefined) throw new Error(`there is no engine for ${name}`);
    return engine;
  };
  const reach = { hosts: hostsPlan(topology) };
  const base = localPlatform(clusterSecret, reach);
  const secret = pulumi.output(clusterSecret);

  /** Files, container, proof: in this order, each where the one before it changed something. */
  function contained(
    plan: ServerPlan | PublisherPlan,
    more: pulumi.CustomResourceOptions,
    make: (name: string, options: pulumi.CustomResourceOptions) => Container,
  ): Proved {
    const { keeper, provider } = engineOf(plan);
    const after = [...asList(more.dependsOn), keeper];
    const files = filesCommand(`${plan.name}-files`, clusterSecret, reach, plan, { ...more, dependsOn: after });
    const how = { ...more, provider, dependsOn: [...after, files] };
    // What names it is taken: the old one goes first.
    const container = make(`${plan.name}-container`, { ...how, deleteBeforeReplace: true });
    return { options: { ...more, dependsOn: [files, container] }, shown: { NATSBY_CONTAINER: container.id } };
  }

  return {
    ...base,
    server(name, plan, more) {
      const make = (called: string, how: pulumi.CustomResourceOptions): Container =>
        new Container(called, serverArgs(plan, engineOf(plan)), how);
      const { options, shown } = contained(plan, more, make);
      return base.server(name, plan, options, shown);
    },
    publisher(name, plan, more) {
      const one = plan.name === keepsOldSecret ? previousOf : currentOf;
      const variables = secret.apply((all) => publisherEnvironment(plan, one(all)));
      const make = (called: string, how: pulumi.CustomResourceOptions): Container =>
        new Container(called, publisherArgs(plan, engineOf(plan), variables), how);
      const { options, shown } = contained(plan, more, make);
      return base.publisher(name, plan, options, shown);
    },
  };
}

const asList = (given: pulumi.CustomResourceOptions["dependsOn"]): pulumi.Resource[] =>
  given === undefined ? [] : ([given].flat() as pulumi.Resource[]);
