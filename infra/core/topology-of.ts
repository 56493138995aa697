// Resolves settings into the topology: a dummy for every publisher, an address and ports for every server.

import { containerNames } from "./containers.ts";
import { dummyNameOf } from "./names.ts";
import { dummyPorts, upstreamPorts } from "./ports.ts";
import type { Generations } from "./server-keys.ts";
import type { Settings } from "./settings.ts";
import type { StackName } from "./stack-config.ts";
import type { Publisher, Topology, Upstream } from "./topology.ts";

/** Where every server of platform `local` listens, and every dummy: only its own publisher talks to it. */
const loopback = "127.0.0.1";
/** In a container: each of its networks. */
const everywhere = "0.0.0.0";

/** The topology of a stack: the same settings give the same one on every machine. */
export function topologyOf(settings: Settings, { project, stack }: StackName): Topology {
  const { natsServer, basePort: _, rotating: __, hosts, engines, ...rest } = settings;
  const cluster = `${project}-${stack}`;
  return {
    ...rest,
    ...(hosts === null ? {} : { hosts }),
    ...(engines === null ? {} : { engines }),
    project,
    stack,
    cluster,
    upstreams: upstreamsOf(settings, cluster),
    publishers: publishersOf(settings, cluster),
    generations: generationsOf(settings),
    natsServerVersion: natsServer.version,
    ...(natsServer.image === undefined ? {} : { natsServerImage: natsServer.image }),
    ...sourceOf(natsServer),
  };
}

function sourceOf({ version: _, image: __, ...source }: Settings["natsServer"]) {
  return Object.keys(source).length === 0 ? {} : { natsServerSource: source };
}

/** Where an upstream listens: on its host's own address, where others reach it. */
function addressOf(host: string | undefined, hosts: Settings["hosts"]): string {
  return hosts?.find(({ name }) => name === host)?.address ?? loopback;
}

/**
 * In a container: reached by its name, in whichever network of its own; monitoring is not for a publisher, so it listens in the network
 * of the dummies and upstreams alone.
 */
function contained(name: string, host: string | undefined, { engines }: Settings, cluster: string) {
  const engine = engines?.find((one) => one.name === host) ?? engines?.[0];
  if (engine === undefined) return {};
  const monitorAddress = `${name}.${containerNames({ cluster }).network}`;
  return { address: name, listen: everywhere, monitorAddress, published: loopback, host: engine.name };
}

/** Where there are several engines, upstreams are reached at the addresses of their engines' hosts, by dummies and by each other. */
function shown(host: string | undefined, { engines }: Settings) {
  const address = engines?.find(({ name }) => name === host)?.address;
  return address === undefined || engines?.length === 1 ? {} : { address, published: address };
}

function upstreamsOf(settings: Settings, cluster: string): readonly Upstream[] {
  const { hosts, upstreams, basePort } = settings;
  const ports = upstreamPorts(upstreams, basePort);
  return upstreams.map(
    ({ generation: _, ...upstream }, index) =>
      ({
        ...upstream,
        ...ports[index],
        address: addressOf(upstream.host, hosts),
        ...contained(upstream.name, upstream.host, settings, cluster),
        ...shown(upstream.host, settings),
      }) as Upstream,
  );
}

/** Only those that had another key before: a stack that never replaced one has none. */
function generationsOf({ upstreams, publishers }: Settings): Generations {
  const dummies = publishers.map(({ name, generation }) => ({ name: dummyNameOf(name), generation }));
  const replaced = [...upstreams, ...dummies].filter(({ generation }) => generation > 0);
  return Object.fromEntries(replaced.map(({ name, generation }) => [name, generation]));
}

function publishersOf(settings: Settings, cluster: string): readonly Publisher[] {
  const { publishers, basePort, engines } = settings;
  const ports = dummyPorts(publishers, basePort);
  return publishers.map(({ name, command, image, environment, rate, user, host = engines?.[0]?.name }, index) => ({
    name,
    command,
    environment,
    rate,
    dummy: {
      name: dummyNameOf(name),
      address: loopback,
      ...(ports[index] as { clientPort: number; monitorPort: number }),
      ...(host === undefined ? {} : { host }),
      ...contained(dummyNameOf(name), host, settings, cluster),
    },
    ...(image === undefined ? {} : { image }),
    ...(user === undefined ? {} : { user }),
    ...(host === undefined ? {} : { host }),
  }));
}
