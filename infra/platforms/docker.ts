// Platform `docker`: containers on an engine, by @pulumi/docker, which makes and replaces them; natsby's programs bring files before and
// prove what runs afterwards, over one warm connection. A flip changes no container. Inputs are the same text on every machine.

import { Container, Network, Provider, RemoteImage, Volume } from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerNames } from "../core/containers.ts";
import type { PublisherPlan, ServerPlan } from "../core/plan.ts";
import { publisherEnvironment } from "../core/publisher-environment.ts";
import { type ClusterSecret, currentOf } from "../core/secrets.ts";
import type { Topology } from "../core/topology.ts";
import { hostsPlan } from "../hosts/stack-hosts.ts";
import { keeperArgs, publisherArgs, type Shared, serverArgs } from "./docker/containers.ts";
import { imageContext } from "./docker/images.ts";
import { filesCommand, localPlatform } from "./local.ts";
import type { Platform } from "./platform.ts";

/** @param options the component whose parts an engine's network, images, files and keeper are */
export function dockerPlatform(
  topology: Topology,
  clusterSecret: pulumi.Input<ClusterSecret>,
  options: pulumi.CustomResourceOptions,
): Platform {
  const [engine] = topology.engines ?? [];
  if (engine === undefined) throw new Error("there is no engine");
  const provider = new Provider(`${engine.name}-engine`, { host: engine.url }, options);
  const shared = sharedOn(engine.name, topology, { ...options, provider });
  const reach = { hosts: hostsPlan(topology) };
  const base = localPlatform(clusterSecret, reach);
  const secret = pulumi.output(clusterSecret);
  const own = (more: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions => ({
    ...more,
    provider,
    // What names it is taken: the old one goes first.
    deleteBeforeReplace: true,
    dependsOn: [...asList(more.dependsOn), shared.keeper],
  });

  /** Files, container, proof: in this order, each where the one before it changed something. */
  function contained(
    plan: ServerPlan | PublisherPlan,
    more: pulumi.CustomResourceOptions,
    make: (name: string, options: pulumi.CustomResourceOptions) => Container,
  ): pulumi.CustomResourceOptions {
    const after = [...asList(more.dependsOn), shared.keeper];
    const files = filesCommand(`${plan.name}-files`, clusterSecret, reach, plan, { ...more, dependsOn: after });
    const container = make(`${plan.name}-container`, own({ ...more, dependsOn: files }));
    return { ...more, dependsOn: [files, container] };
  }

  return {
    ...base,
    server: (name, plan, more) =>
      base.server(
        name,
        plan,
        contained(plan, more, (called, how) => new Container(called, serverArgs(plan, shared), how)),
      ),
    publisher(name, plan, more) {
      const variables = secret.apply((all) => publisherEnvironment(plan, currentOf(all)));
      return base.publisher(
        name,
        plan,
        contained(plan, more, (called, how) => new Container(called, publisherArgs(plan, shared, variables), how)),
      );
    },
  };
}

/** What all containers of a stack share. */
function sharedOn(engine: string, topology: Topology, options: pulumi.CustomResourceOptions): Shared {
  const names = containerNames(topology);
  const image = (kind: string): RemoteImage => {
    const { context, digest } = imageContext(kind);
    return new RemoteImage(
      `${engine}-${kind}-image`,
      {
        name: `${topology.cluster}-${kind}:${digest}`,
        build: { context, useLegacyBuilder: true },
        triggers: { digest },
      },
      options,
    );
  };
  const network = new Network(`${engine}-network`, { name: names.network, labels: [] }, options);
  const volume = new Volume(`${engine}-volume`, { name: names.volume, labels: [] }, options);
  const server = image(`server-${topology.natsServerVersion}`);
  const referenced = topology.publishers.some(({ image: own }) => own === undefined);
  const shared = {
    names,
    dataDir: topology.dataDir,
    network,
    volume,
    server,
    publisher: referenced ? image("publisher") : server,
  };
  return {
    ...shared,
    keeper: new Container(`${engine}-keeper`, keeperArgs(shared), { ...options, deleteBeforeReplace: true }),
  };
}

const asList = (given: pulumi.CustomResourceOptions["dependsOn"]): pulumi.Resource[] =>
  given === undefined ? [] : ([given].flat() as pulumi.Resource[]);
