// Resolves settings into the topology: a dummy for every publisher, an address and ports for every server.

import { dummyNameOf } from "./names.ts";
import { dummyPorts, upstreamPorts } from "./ports.ts";
import type { Settings } from "./settings.ts";
import type { StackName } from "./stack-config.ts";
import type { Publisher, Topology, Upstream } from "./topology.ts";

/** Where every server of platform `local` listens. */
const loopback = "127.0.0.1";

/** The topology of a stack: the same settings give the same one on every machine. */
export function topologyOf(settings: Settings, { project, stack }: StackName): Topology {
  const { natsServer, basePort: _, rotating: __, once: ___, ...rest } = settings;
  return {
    ...rest,
    project,
    stack,
    cluster: `${project}-${stack}`,
    upstreams: upstreamsOf(settings),
    publishers: publishersOf(settings),
    natsServerVersion: natsServer.version,
  };
}

function upstreamsOf({ upstreams, basePort }: Settings): readonly Upstream[] {
  const ports = upstreamPorts(upstreams, basePort);
  return upstreams.map((upstream, index) => ({ ...upstream, ...ports[index], address: loopback }) as Upstream);
}

function publishersOf({ publishers, basePort }: Settings): readonly Publisher[] {
  const ports = dummyPorts(publishers, basePort);
  return publishers.map(({ name, command, environment, rate }, index) => ({
    name,
    command,
    environment,
    rate,
    dummy: {
      name: dummyNameOf(name),
      address: loopback,
      ...(ports[index] as { clientPort: number; monitorPort: number }),
    },
  }));
}
