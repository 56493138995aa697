// The hosts of any stack: this machine, or those of its config, each over one connection that is opened when it is first asked.

import { containerNames } from "../core/containers.ts";
import type { EngineAddress, HostAddress, Topology } from "../core/topology.ts";
import type { Host } from "./host.ts";
import { type Hosts, localHosts, type Placed } from "./hosts.ts";
import type { SshTarget } from "./ssh/target.ts";

/** What says which host is which and what is on it. Holds no secret. */
export interface HostsPlan {
  readonly stack: string;
  readonly dataDir: string;
  /** Bound of opening a connection, and of an answer. */
  readonly withinMs: number;
  readonly hosts: readonly (HostAddress & Has)[];
  /** Absent where nothing runs in containers. */
  readonly engines?: readonly (EngineAddress & Has & { readonly keeper: string })[];
}

/** What is on a host. */
interface Has {
  readonly has: readonly string[];
  readonly keepsJournal: boolean;
}

const hostMs = 10_000;

/** Private keys by the host's name, or `default`; absent: those of an agent. */
export type HostKeys = Readonly<Record<string, string>>;

/** The keys in the config, as Pulumi hands them on: a mapping, or its JSON text. */
export function hostKeysIn(given: unknown): HostKeys {
  const keys = typeof given === "string" ? (JSON.parse(given) as unknown) : given;
  if (typeof keys !== "object" || keys === null) return {};
  return Object.fromEntries(Object.entries(keys).filter((one): one is [string, string] => typeof one[1] === "string"));
}

/** The plan of a topology; null where all is on this machine. */
export function hostsPlan(topology: Topology): HostsPlan | null {
  const { dataDir, hosts, engines, publishers, stack, timeouts, upstreams } = topology;
  if (hosts === undefined && engines === undefined) return null;
  const on = <T extends { readonly name: string }>(host: T) => ({
    ...host,
    has: [...upstreams, ...publishers].filter((one) => one.host === host.name).map(({ name }) => name),
    keepsJournal: publishers.some((publisher) => publisher.host === host.name),
  });
  const { keeper } = containerNames(topology);
  return {
    stack,
    dataDir,
    withinMs: timeouts.host ?? hostMs,
    hosts: (hosts ?? []).map(on),
    ...(engines && { engines: engines.map((engine) => ({ ...on(engine), keeper })) }),
  };
}

/** Opens none yet. @param keys only asked for where there is a host to connect to. */
export async function openHosts(
  plan: HostsPlan | null,
  dataDir: string,
  keys: () => Promise<HostKeys>,
): Promise<Hosts> {
  if (plan === null) return localHosts(dataDir);
  if (plan.engines !== undefined) return openEngines(plan.engines, plan, dataDir);
  const [{ jumpHosts, sshHost }, given] = await Promise.all([import("./ssh.ts"), keys()]);
  const { stack, withinMs } = plan;
  const jumps = jumpHosts(withinMs);
  const hosts = plan.hosts.map(({ has, keepsJournal, serviceManager, ...address }) => {
    const options = {
      stack,
      dataDir,
      connectMs: withinMs,
      answerMs: withinMs,
      jumps,
      ...(serviceManager && { serviceManager }),
    };
    return { host: sshHost(targetOf(address, plan, given), options), has, keepsJournal };
  });
  return placedHosts(dataDir, hosts, []);
}

async function openEngines(
  engines: Exclude<HostsPlan["engines"], undefined>,
  { withinMs }: HostsPlan,
  dataDir: string,
): Promise<Hosts> {
  const { dockerHost } = await import("./docker.ts");
  const known = engines.map(({ has, keepsJournal, ...engine }) => {
    return { host: dockerHost({ ...engine, dataDir, published: true, connectMs: withinMs }), has, keepsJournal };
  });
  return placedHosts(dataDir, known, []);
}

/** Those of a topology on which not all was given up. */
export async function hostsOf(topology: Topology, keys: HostKeys): Promise<Hosts> {
  return (await openHosts(hostsPlan(topology), topology.dataDir, async () => keys)).without(topology.fenced);
}

interface Known {
  readonly host: Host;
  readonly has: readonly string[];
  readonly keepsJournal: boolean;
}

function placedHosts(dataDir: string, known: readonly Known[], givenUp: readonly string[]): Hosts {
  // A host with nothing on it yet is only a jump, or not used.
  const asked = known.filter(({ has }) => has.some((name) => !givenUp.includes(name)));
  return {
    dataDir,
    all: asked.map(({ host }) => host),
    journaling: asked.filter(({ keepsJournal }) => keepsJournal).map(({ host }) => host),
    of: (placed) => hostOf(known, placed),
    without: (more) => placedHosts(dataDir, known, more),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(known.map(({ host }) => host[Symbol.asyncDispose]()));
    },
  };
}

function hostOf(known: readonly Known[], { host }: Placed): Host {
  const found = known.find((one) => one.host.name === host);
  if (found === undefined) throw new Error(`there is no host ${host}`);
  return found.host;
}

function targetOf(address: HostAddress, plan: HostsPlan, keys: HostKeys): SshTarget {
  const { jump, ...own } = address;
  const through = plan.hosts.find(({ name }) => name === jump);
  const privateKey = keys[address.name] ?? keys.default;
  return {
    ...own,
    ...(privateKey !== undefined && { privateKey }),
    ...(through !== undefined && { jump: targetOf(through, plan, keys) }),
  };
}
