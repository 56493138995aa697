// The contract of `natsby status --json`, schema 1. Keys stand in this order; null where a fact could not be had.

import type { Judgement, Verdict } from "./judge.ts";
import { linksAt, linksToUpstreams, type Peer } from "./links.ts";
import type { DummySeen, Observation, UpstreamSeen } from "./observation.ts";
import { clientUrlOf } from "./ports.ts";
import type { Problem } from "./problems.ts";
import type { Link, Server, Topology } from "./topology.ts";

/** One upstream in the status. */
export interface UpstreamStatus {
  readonly name: string;
  readonly reachable: boolean | null;
  /** Carries no credentials. */
  readonly clientUrl: string;
  readonly monitorUrl: string | null;
  readonly pid: number | null;
  /** Names of the servers it lists a link of. */
  readonly linksFrom: readonly string[] | null;
  readonly digest: { readonly want: string | null; readonly running: string | null };
}

/** One publisher and its dummy in the status; pid and addresses are the dummy's. */
export interface PublisherStatus {
  readonly name: string;
  readonly role: "active" | "standby" | "fenced";
  readonly dummy: string;
  readonly reachable: boolean | null;
  readonly clientUrl: string;
  readonly monitorUrl: string | null;
  readonly pid: number | null;
  readonly attached: {
    readonly want: boolean;
    readonly file: boolean | null;
    readonly running: boolean | null;
    /** Upstreams that list its link; null where none could be asked. */
    readonly seen: readonly string[] | null;
  };
  readonly publishing: boolean | null;
}

/** `natsby status --json`. */
export interface StatusJson {
  readonly schema: 1;
  readonly stack: string;
  readonly activePublisher: string;
  readonly epoch: number;
  readonly fenced: readonly string[];
  readonly link: Link;
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
  readonly upstreams: readonly UpstreamStatus[];
  readonly publishers: readonly PublisherStatus[];
  readonly observedAt: string;
  /** With `--credentials`: a user that may subscribe at every upstream, and nothing else. */
  readonly subscriber?: { readonly user: string; readonly password: string };
}

/** The status of a stack. */
export function statusOf(topology: Topology, observation: Observation, judgement: Judgement): StatusJson {
  return {
    schema: 1,
    stack: topology.stack,
    activePublisher: judgement.active,
    epoch: topology.epoch,
    fenced: topology.fenced,
    link: topology.link,
    verdict: judgement.verdict,
    problems: judgement.problems,
    upstreams: topology.upstreams.map((upstream) =>
      upstreamStatus(upstream, named(observation.upstreams, upstream.name), observation),
    ),
    publishers: topology.publishers.map(({ name, dummy }) => {
      const role = topology.fenced.includes(name) ? "fenced" : name === judgement.active ? "active" : "standby";
      return publisherStatus({ name, role, dummy }, named(observation.dummies, dummy.name), observation);
    }),
    observedAt: observation.observedAt,
  };
}

function upstreamStatus(upstream: Server, seen: UpstreamSeen | undefined, observation: Observation): UpstreamStatus {
  const links = seen === undefined || seen.links === null ? null : linksAt(seen, observation);
  return {
    name: upstream.name,
    reachable: seen?.reachable ?? null,
    ...addressOf(upstream),
    pid: seen?.pid ?? null,
    linksFrom:
      links === null
        ? null
        : links
            .map(({ peer }) => peer)
            .toSorted(byKind)
            .map(({ name }) => name),
    digest: seen?.digest ?? { want: null, running: null },
  };
}

/** The same stack gives the same list: upstreams first. */
function byKind(a: Peer, b: Peer): number {
  const kinds = ["upstream", "dummy", "foreign"];
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.name < b.name ? -1 : 1);
}

function publisherStatus(
  { name, role, dummy }: { name: string; role: PublisherStatus["role"]; dummy: Server },
  seen: DummySeen | undefined,
  observation: Observation,
): PublisherStatus {
  const { roleFile = null, attachedRunning = null, publishing = null } = seen ?? {};
  const file = roleFile === null || roleFile.state === "broken" ? null : roleFile.state === "attached";
  return {
    name,
    role,
    dummy: dummy.name,
    reachable: seen?.reachable ?? null,
    ...addressOf(dummy),
    pid: seen?.pid ?? null,
    attached: { want: role === "active", file, running: attachedRunning, seen: seenAt(dummy.name, observation) },
    publishing,
  };
}

/** Where the link is listed; an upstream that says nothing counts when the dummy itself lists the link to it. */
function seenAt(dummy: string, observation: Observation): readonly string[] | null {
  const at = linksToUpstreams(observation).filter(({ peer }) => peer.kind === "dummy" && peer.name === dummy);
  const nobodyAsked = observation.upstreams.every(({ links, reachable }) => links === null && reachable !== false);
  return nobodyAsked && at.length === 0 ? null : [...new Set(at.map((link) => link.at))];
}

function addressOf(server: Server) {
  const { monitorPort } = server;
  return {
    clientUrl: clientUrlOf(server),
    monitorUrl: monitorPort === null ? null : `http://127.0.0.1:${monitorPort}`,
  };
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T | undefined {
  return all.find((one) => one.name === name);
}
