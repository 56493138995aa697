// Resolves settings into the topology: a dummy for every publisher, an address and ports for every server.

import { dummyNameOf } from "./names.ts";
import { dummyPorts, upstreamPorts } from "./ports.ts";
import type { Generations } from "./server-keys.ts";
import type { Settings } from "./settings.ts";
import type { StackName } from "./stack-config.ts";
import type { Publisher, Topology, Upstream } from "./topology.ts";

/** Where every server of platform `local` listens, and every dummy: only its own publisher talks to it. */
const loopback = "127.0.0.1";

/** The topology of a stack: the same settings give the same one on every machine. */
export function topologyOf(settings: Settings, { project, stack }: StackName): Topology {
  const { natsServer, basePort: _, rotating: __, hosts, engines, ...rest } = settings;
  return {
    ...rest,
    ...(hosts === null ? {} : { hosts }),
    ...(engines === null ? {} : { engines }),
    project,
    stack,
    cluster: `${project}-${stack}`,
    upstreams: upstreamsOf(settings),
    publishers: publishersOf(settings),
    generations: generationsOf(settings),
    natsServerVersion: natsServer.version,
  };
}

/** Where an upstream listens: on its host's own address, where others reach it. */
function addressOf(host: string | undefined, hosts: Settings["hosts"]): string {
  return hosts?.find(({ name }) => name === host)?.address ?? loopback;
}

/** In a container: by its name in the stack's network. Another server's loopback is not its own. */
function contained(name: string, { engines }: Settings) {
  const [engine] = engines ?? [];
  return engine === undefined ? {} : { address: name, monitorAddress: name, host: engine.name };
}

function upstreamsOf(settings: Settings): readonly Upstream[] {
  const { hosts, upstreams, basePort } = settings;
  const ports = upstreamPorts(upstreams, basePort);
  return upstreams.map(
    ({ generation: _, ...upstream }, index) =>
      ({
        ...upstream,
        ...ports[index],
        address: addressOf(upstream.host, hosts),
        ...contained(upstream.name, settings),
      }) as Upstream,
  );
}

/** Only those that had another key before: a stack that never replaced one has none. */
function generationsOf({ upstreams, publishers }: Settings): Generations {
  const dummies = publishers.map(({ name, generation }) => ({ name: dummyNameOf(name), generation }));
  const replaced = [...upstreams, ...dummies].filter(({ generation }) => generation > 0);
  return Object.fromEntries(replaced.map(({ name, generation }) => [name, generation]));
}

function publishersOf(settings: Settings): readonly Publisher[] {
  const { publishers, basePort, engines } = settings;
  const ports = dummyPorts(publishers, basePort);
  return publishers.map(({ name, command, image, environment, rate, host = engines?.[0]?.name }, index) => ({
    name,
    command,
    environment,
    rate,
    dummy: {
      name: dummyNameOf(name),
      address: loopback,
      ...(ports[index] as { clientPort: number; monitorPort: number }),
      ...(host === undefined ? {} : { host }),
      ...contained(dummyNameOf(name), settings),
    },
    ...(image === undefined ? {} : { image }),
    ...(host === undefined ? {} : { host }),
  }));
}
