// A healthy observation for tests of pure code, to be changed in one place at a time.

import type { DummySeen, LinkSeen, Observation, ServerSeen, UpstreamSeen } from "../../infra/core/observation.ts";
import { routesOf } from "../../infra/core/role-file.ts";
import type { Topology } from "../../infra/core/topology.ts";

/** What a stack looks like in which everything is as `active` (by default the config's) wants it. */
export function healthy(topology: Topology, active = topology.activePublisher): Observation {
  const asked = { ...topology, activePublisher: active };
  const dummies = topology.publishers.map(({ name, dummy }, n): DummySeen => {
    const routes = routesOf(asked, name);
    const links = routes.length > 0 ? topology.upstreams.map((upstream) => link(upstream.name)) : [];
    return {
      ...server(dummy.name, 200 + n, topology, links),
      publisher: name,
      publisherPid: 300 + n,
      publisherPids: [300 + n],
      roleFile: { state: routes.length > 0 ? "attached" : "detached", routes },
      attachedRunning: routes.length > 0,
      publishing: true,
    };
  });
  const linked = dummies.filter(({ attachedRunning }) => attachedRunning).map(({ name }) => link(name));
  const all = [...topology.upstreams.map(({ name }) => name), ...dummies.map(({ name }) => name)];
  const upstreams = topology.upstreams.map(({ name }, n): UpstreamSeen => {
    const mesh = topology.upstreams.filter((other) => other.name !== name).map((other) => link(other.name));
    return { ...server(name, 100 + n, topology, [...mesh, ...linked]), pinsFile: { state: "read", servers: all } };
  });
  return { observedAt: "2026-01-01T00:00:00.000Z", upstreams, dummies, strays: [] };
}

/** The id that the server of this name has in {@link healthy}. */
const idOf = (name: string): string => `ID-${name}`;

/** A link to the server of this name, complete unless said otherwise. */
export function link(name: string, over: Partial<LinkSeen> = {}): LinkSeen {
  return { id: idOf(name), name, kind: "route", entries: 2, ...over };
}

/** The observation with some facts of one server, or of the dummy's publisher, changed. */
export function seen(observation: Observation, name: string, change: Partial<UpstreamSeen & DummySeen>): Observation {
  const put = <T extends ServerSeen>(one: T): T => (one.name === name ? { ...one, ...change } : one);
  return { ...observation, upstreams: observation.upstreams.map(put), dummies: observation.dummies.map(put) };
}

/** The facts of a server that does not run. */
export const down = {
  reachable: false,
  reason: "it does not run",
  id: null,
  version: null,
  pid: null,
  pids: [],
  metadata: {},
  links: null,
} as const satisfies Partial<ServerSeen>;

/** The facts of a server that does not answer. */
export const silent = { ...down, reachable: null, reason: "gave up after 2 s", pid: 7, pids: [7] } as const;

function server(name: string, pid: number, { epoch }: Topology, links: readonly LinkSeen[]): ServerSeen {
  const digest = `sha256:${name}`;
  return {
    name,
    reachable: true,
    reason: null,
    foreign: null,
    id: idOf(name),
    version: "2.15.2",
    pid,
    pids: [pid],
    digest: { want: digest, running: digest },
    filesProblem: null,
    baseAsAsked: true,
    editedFiles: [],
    metadata: { natsby_epoch: String(epoch) },
    links,
  };
}
