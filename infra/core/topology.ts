// The resolved model that every other part works with: names, addresses, ports and roles. Holds no secret and no behaviour.

import type { NatsServerSource } from "./nats-server-release.ts";
import type { Generations } from "./server-keys.ts";

/** Where servers run. */
export type Platform = "local" | "docker" | "ssh";

/** How a dummy reaches the upstreams. */
export type Link = "routes" | "leaf";

/** Where in a message its stamp stands: a header's name, or a JSON pointer (RFC 6901) into the payload. */
export type Stamp = { readonly header: string } | { readonly json: string };

/** Risks that a run can be told to accept once. */
export type OnceFlag = "accept-degraded" | "accept-unfenced" | "accept-silent" | "accept-stale";

/** A risk that a person accepted for the run with this ticket. */
export interface Once {
  readonly flag: OnceFlag;
  readonly reason: string;
  readonly ticket: number;
}

/** How a host is reached. Holds no secret. */
export interface HostAddress {
  readonly name: string;
  /** IP address or DNS name. */
  readonly address: string;
  readonly user: string;
  readonly port: number;
  /** Its public host key, as in known_hosts: `ssh-ed25519 AAAA…`. Always checked. */
  readonly hostKey: string;
  /** Name of the host that connections to this one go through; absent: none. */
  readonly jump?: string;
  /** Who keeps processes running there. @default systemd where it runs the host, and natsby may give it units */
  readonly serviceManager?: "systemd" | "none";
}

/** A Docker engine of the stack. */
export interface EngineAddress {
  readonly name: string;
  /** As DOCKER_HOST wants it: `unix://…` or `ssh://…`. */
  readonly url: string;
  /** Where other engines reach what its host publishes; absent where nobody needs to. */
  readonly address?: string;
  /** The public host key of an `ssh://` one. @default any that this machine's known_hosts has */
  readonly hostKey?: string;
}

/** One nats-server, upstream or dummy. */
export interface Server {
  /** `server0`, `dummy-nats0`: the `server_name` in its config. */
  readonly name: string;
  /** IP address or DNS name where its client port is reached. */
  readonly address: string;
  readonly clientPort: number;
  /** HTTP monitoring; null where the platform has none. */
  readonly monitorPort: number | null;
  /** Where monitoring listens. @default its loopback */
  readonly monitorAddress?: string;
  /** Where its other ports listen. @default its address */
  readonly listen?: string;
  /** Where the engine's host publishes its client port; absent for one that is no container. */
  readonly published?: string;
  /** Name in `hosts`; absent on a platform that has one host only. */
  readonly host?: string;
}

/** A nats-server of the real cluster, where subscribers are. */
export interface Upstream extends Server {
  readonly clusterPort: number;
}

/** One publisher's own nats-server. */
export interface Dummy extends Server {}

/** A process that publishes all the time, in either role, into its own dummy. */
export interface Publisher {
  readonly name: string;
  readonly dummy: Dummy;
  /** The user's own program and its arguments; null for the reference publisher, or what its image runs. */
  readonly command: readonly string[] | null;
  /** The user's own image; absent for the reference publisher's, and where nothing runs in containers. */
  readonly image?: string;
  /** Added to the program's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Messages a second per subject of the reference publisher. */
  readonly rate: number;
  /** Whom it runs as on a host of its own. @default a user that is made for it */
  readonly user?: string;
  /** As its dummy's. */
  readonly host?: string;
}

/** Bounds of waits, in milliseconds. Each is named in the error that says it ran out. */
export interface Timeouts {
  /** Opening a connection to one server or host. */
  readonly connect: number;
  /** One request to one server. */
  readonly request: number;
  /** From the reload that detaches to the link gone at every upstream. */
  readonly detach: number;
  /** From the stop of a process to its end. */
  readonly stop: number;
  /** From the start of a process to its answer. */
  readonly start: number;
  /** Waiting until the standby's dummy heard what the old publisher sent last. */
  readonly fresh: number;
  /** From the reload that attaches to the complete link at every upstream. */
  readonly attach: number;
  /** Waiting for a message of the new publisher at every upstream. */
  readonly heard: number;
  /** The whole look at the running servers before a plan or a status. */
  readonly observe: number;
  /** Opening a connection to a host, and an answer of it. Only on platforms with hosts of their own. @default 10_000 */
  readonly host?: number | undefined;
  /** How long a publisher may say nothing before it counts as silent. */
  readonly silence: number;
}

/** Everything a stack is, resolved: defaults filled in, ports counted. The same input gives the same bytes on every machine. */
export interface Topology {
  readonly project: string;
  readonly stack: string;
  readonly platform: Platform;
  readonly link: Link;
  /** The cluster's name in every server's config. */
  readonly cluster: string;
  /** Absolute folder that holds everything of this stack on a host. */
  readonly dataDir: string;
  readonly activePublisher: string;
  readonly subjects: readonly string[];
  /** Null where the stack names none: then natsby waits `settle` and says that doubles cannot be excluded. */
  readonly stamp: Stamp | null;
  /** Milliseconds to wait for subjects whose newest stamp is not known. */
  readonly settle: number;
  /** Refuse a flip when the standby lags or leads by more milliseconds than this. */
  readonly maxLag: number;
  /** Absent where all is on one machine. */
  readonly hosts?: readonly HostAddress[];
  /** Absent where nothing runs in containers. */
  readonly engines?: readonly EngineAddress[];
  readonly upstreams: readonly Upstream[];
  readonly publishers: readonly Publisher[];
  readonly fenced: readonly string[];
  /** How often the keys of an upstream or dummy were replaced, by its name; those that never were are not in it. */
  readonly generations: Generations;
  readonly epoch: number;
  /** A risk that a person accepted for one run. */
  readonly once: Once | null;
  readonly natsServerVersion: string;
  /** Whose nats-server runs in containers, by digest. @default natsby's own build of the version */
  readonly natsServerImage?: string;
  /** Where hosts of their own get it from, where the config says so. */
  readonly natsServerSource?: NatsServerSource;
  /** A risk that the user accepted: the active dummy or publisher may be restarted by a change. */
  readonly allowActiveRestart: boolean;
  readonly timeouts: Timeouts;
}

/** The dummy of publisher `name`; throws on a name the topology does not have (a bug, settings are checked before). */
export function publisherOf(topology: Topology, name: string): Publisher {
  const found = topology.publishers.find((publisher) => publisher.name === name);
  if (found === undefined) throw new Error(`no publisher ${name} in stack ${topology.stack}`);
  return found;
}
