// What one server or publisher should be, as the command that makes it so receives it. Never says who is active.

import { renderConfig } from "./nats-config.ts";
import type { NatsServerSource } from "./nats-server-release.ts";
import { routeUrl } from "./role-file.ts";
import { users } from "./secrets.ts";
import { dummyConfig, upstreamConfig, variables } from "./server-config.ts";
import type { Generations } from "./server-keys.ts";
import type { Publisher, Server, Timeouts, Topology, Upstream } from "./topology.ts";

/** A list that grows before a cutover (the union of old and new) and shrinks after it. */
export interface GrowingList {
  readonly variable: string;
  readonly values: readonly string[];
}

/** One nats-server of the stack. */
export interface ServerPlan extends Server {
  readonly kind: "upstream" | "dummy";
  readonly dataDir: string;
  /** Name of the cluster. */
  readonly cluster: string;
  /** Where an upstream takes links; null for a dummy, which listens on a random loopback port that nobody dials. */
  readonly clusterPort: number | null;
  /** Text of the base config. */
  readonly base: string;
  readonly list: GrowingList;
  /** Whose pins its links trust: the upstreams'. */
  readonly upstreams: readonly string[];
  /** Of every server of the stack. */
  readonly generations: Generations;
  /** Whose dummy it is; null for an upstream. */
  readonly publisher: string | null;
  /** Users of the APP account, by name. */
  readonly users: readonly string[];
  readonly version: string;
  /** Where its nats-server comes from; absent: from the vendor. */
  readonly download?: NatsServerSource;
  /** The image that its nats-server is taken from; absent for natsby's own. */
  readonly image?: string;
  readonly timeouts: Pick<Timeouts, "connect" | "request" | "start" | "stop">;
}

/** One publisher process of the stack. */
export interface PublisherPlan {
  readonly name: string;
  readonly dataDir: string;
  /** Null: the reference publisher. */
  readonly command: readonly string[] | null;
  /** The user's own image; absent for the reference publisher's, and where nothing runs in containers. */
  readonly image?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly dummy: string;
  readonly generations: Generations;
  readonly url: string;
  readonly subjects: readonly string[];
  readonly rate: number;
  readonly timeouts: Pick<Timeouts, "start" | "stop">;
  /** Whom it runs as. @default a user that is made for it */
  readonly user?: string;
  /** Name in `hosts`; absent on a platform that has one host only. */
  readonly host?: string;
}

/** Plan of an upstream. */
export function upstreamPlan(topology: Topology, upstream: Upstream): ServerPlan {
  const others = topology.upstreams.filter((other) => other.name !== upstream.name);
  return {
    ...common(topology, upstream),
    kind: "upstream",
    publisher: null,
    clusterPort: upstream.clusterPort,
    base: upstreamConfig(topology, upstream),
    list: { variable: variables.mesh, values: others.map(routeUrl) },
    users: [users.subscriber, users.probe],
  };
}

/** Plan of a publisher's dummy. */
export function dummyPlan(topology: Topology, publisher: Publisher): ServerPlan {
  return {
    ...common(topology, publisher.dummy),
    kind: "dummy",
    publisher: publisher.name,
    clusterPort: null,
    base: dummyConfig(topology, publisher.dummy, publisher.name),
    list: { variable: variables.subjects, values: topology.subjects },
    users: [publisher.name, users.probe],
  };
}

/** Plan of a publisher's process. */
export function publisherPlan(topology: Topology, publisher: Publisher): PublisherPlan {
  const { name, command, image, environment, rate, dummy, host, user } = publisher;
  const { start, stop } = topology.timeouts;
  return {
    name,
    dataDir: topology.dataDir,
    command,
    environment,
    dummy: dummy.name,
    generations: topology.generations,
    url: `nats://${dummy.address}:${dummy.clientPort}`,
    subjects: topology.subjects,
    rate,
    timeouts: { start, stop },
    ...(host === undefined ? {} : { host }),
    ...(image === undefined ? {} : { image }),
    ...(user === undefined ? {} : { user }),
  };
}

/** The lists file. */
export const renderListsFile = ({ variable, values }: GrowingList): string => renderConfig({ [variable]: values });

/** Reads the values of a lists file back; none where it is not there or not natsby's. */
export function parseListsFile(text: string): readonly string[] {
  return [...text.matchAll(/^ {2}("(?:[^"\\]|\\.)*")$/gm)].flatMap((found) => {
    try {
      return [JSON.parse(found[1] ?? "") as string];
    } catch {
      return [];
    }
  });
}

function common(topology: Topology, server: Server) {
  const { connect, request, start, stop } = topology.timeouts;
  const { name, address, clientPort, monitorPort, monitorAddress, listen, published, host } = server;
  return {
    name,
    address,
    clientPort,
    monitorPort,
    ...(monitorAddress === undefined ? {} : { monitorAddress }),
    ...(listen === undefined ? {} : { listen }),
    ...(published === undefined ? {} : { published }),
    dataDir: topology.dataDir,
    cluster: topology.cluster,
    upstreams: topology.upstreams.map((upstream) => upstream.name),
    generations: topology.generations,
    version: topology.natsServerVersion,
    ...(topology.natsServerSource && { download: topology.natsServerSource }),
    ...(topology.natsServerImage === undefined ? {} : { image: topology.natsServerImage }),
    timeouts: { connect, request, start, stop },
    ...(host === undefined ? {} : { host }),
  };
}
