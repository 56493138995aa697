// One look at everything a stack has on its hosts, in parallel and bounded. It asks and reads, and changes nothing.

import { messageOf } from "../core/errors.ts";
import type { DummySeen, Observation, UpstreamSeen } from "../core/observation.ts";
import type { ServerPlan } from "../core/plan.ts";
import { dummyConfig, upstreamConfig } from "../core/server-config.ts";
import type { Publisher, Topology, Upstream } from "../core/topology.ts";
import { type Applied, isServer, readApplied } from "../hosts/applied.ts";
import type { Host, RunningProcess } from "../hosts/host.ts";
import { type Hosts, isUnreachable, localHosts, type Placed } from "../hosts/hosts.ts";
import { readPinsFile, readRoleFile } from "./files.ts";
import { Monitors } from "./monitor.ts";
import { readPublishing, serverIdOf } from "./replies.ts";
import { type Look, seeServer, unseenServer } from "./see-server.ts";

/** What a look needs besides the topology. */
export interface ObserveOptions {
  /** Path of nats-server, for the digests of what is on disk; null: they are not known. */
  readonly natsServer: string | null;
  /** RFC 3339. @default now */
  readonly at?: string;
  /** Also look at hosts that were given up, to say that one is back. @default false: nothing waits for them */
  readonly fencedToo?: boolean;
  /** @default all on this machine */
  readonly hosts?: Hosts;
}

/** Looks at a stack; done within `timeouts.observe` and a little. Never rejects because of a server or a host. */
export async function observe(
  topology: Topology,
  { natsServer, at, fencedToo = false, hosts = localHosts(topology.dataDir) }: ObserveOptions,
): Promise<Observation> {
  using monitors = new Monitors(topology.timeouts.observe);
  const left = fencedToo ? [] : topology.fenced;
  const asked = hosts.without(left);
  const placed = await placedOn(asked);
  const looks = new Looks(asked, (host, processes) => ({
    host,
    dataDir: topology.dataDir,
    monitors,
    processes,
    placed,
    natsServer,
    withinMs: topology.timeouts.observe,
  }));
  const [upstreams, dummies] = await Promise.all([
    Promise.all(topology.upstreams.map((upstream) => seeUpstream(looks, topology, upstream, left))),
    Promise.all(topology.publishers.map((publisher) => seeDummy(looks, topology, publisher, left))),
  ]);
  const strays = straysOf(topology, await looks.all());
  return { observedAt: at ?? new Date().toISOString(), upstreams, dummies, strays };
}

/** What was last put in place, by server. */
async function placedOn(hosts: Hosts): Promise<ReadonlyMap<string, Applied<ServerPlan>>> {
  const applied = await readApplied(hosts).catch((error: unknown): readonly Applied[] => {
    if (isUnreachable(error)) return [];
    throw error;
  });
  return new Map(applied.filter(isServer).map((one) => [one.plan.name, one]));
}

type Processes = ReadonlyMap<string, readonly RunningProcess[]>;

/** A look at each host, taken once for all that is placed there. */
class Looks {
  readonly #hosts: Hosts;
  readonly #of: (host: Host, processes: Processes) => Look;
  readonly #taken = new Map<Host, Promise<Look>>();

  constructor(hosts: Hosts, of: (host: Host, processes: Processes) => Look) {
    [this.#hosts, this.#of] = [hosts, of];
  }

  /** In words why there is none. @param isLeft it was given up: its host is not contacted for it. */
  async at(placed: Placed, isLeft: boolean): Promise<Look | string> {
    const host = this.#hosts.of(placed);
    if (isLeft && !this.#hosts.all.includes(host)) return fenced;
    const look = this.#taken.get(host) ?? host.processes().then((processes) => this.#of(host, processes));
    this.#taken.set(host, look);
    return look.catch((error: unknown) => {
      if (isUnreachable(error)) return messageOf(error);
      throw error;
    });
  }

  /** Of all hosts that were looked at and can be reached. */
  async all(): Promise<readonly Look[]> {
    const all = await Promise.allSettled(this.#taken.values());
    return all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }
}

async function seeUpstream(
  looks: Looks,
  topology: Topology,
  upstream: Upstream,
  left: readonly string[],
): Promise<UpstreamSeen> {
  const { name } = upstream;
  if (left.includes(name)) return { ...unseenServer(name, fenced), pinsFile: null };
  const look = await looks.at(upstream, false);
  if (typeof look === "string") return { ...unseenServer(name, look), pinsFile: null };
  const [{ seen }, pinsFile] = await Promise.all([
    seeServer(look, upstream, upstreamConfig(topology, upstream)),
    readPinsFile(look.host, look.dataDir, name),
  ]);
  return { ...seen, pinsFile };
}

async function seeDummy(
  looks: Looks,
  topology: Topology,
  { name, dummy }: Publisher,
  left: readonly string[],
): Promise<DummySeen> {
  const isLeft = left.includes(name);
  const look = await looks.at(dummy, isLeft);
  const publisherPids = typeof look === "string" ? null : (look.processes.get(name) ?? []).map(({ pid }) => pid);
  const publisher = { publisher: name, publisherPid: publisherPids?.[0] ?? null, publisherPids };
  if (isLeft || typeof look === "string") {
    const server = unseenServer(dummy.name, typeof look === "string" ? look : fenced);
    return { ...server, ...publisher, roleFile: null, attachedRunning: null, publishing: null };
  }
  const [{ seen, varz }, roleFile] = await Promise.all([
    seeServer(look, dummy, dummyConfig(topology, dummy, name)),
    readRoleFile(look.host, look.dataDir, dummy.name),
  ]);
  const publishing = await publishingOf(look, dummy, varz?.id, name, topology.timeouts.silence);
  return { ...seen, ...publisher, roleFile, attachedRunning: varz?.dials ?? null, publishing };
}

async function publishingOf(
  { host, monitors }: Look,
  { monitorPort: port, monitorAddress }: Publisher["dummy"],
  id: string | undefined,
  user: string,
  silenceMs: number,
): Promise<boolean | null> {
  if (port === null || id === undefined) return null;
  const connz = await monitors.ask(port, "/connz?auth=1", await host.reach(port, monitorAddress));
  if (connz.state !== "answered" || serverIdOf(connz.data) !== id) return null;
  return readPublishing(connz.data, user, silenceMs);
}

function straysOf(topology: Topology, looks: readonly Look[]): Observation["strays"] {
  const known = new Set([
    ...topology.upstreams.map(({ name }) => name),
    ...topology.publishers.flatMap(({ name, dummy }) => [name, dummy.name]),
  ]);
  const strays = looks.flatMap(({ processes }) => [...processes]).filter(([name]) => !known.has(name));
  return strays.flatMap(([name, found]) => found.map(({ pid }) => ({ name, pid })));
}

const fenced = "it is fenced, so it is never contacted";
