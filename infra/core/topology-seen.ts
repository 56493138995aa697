// Who is linked to whom, as observed: the contract of `natsby topology --json`, schema 1. It draws nothing and judges nothing.

import type { Judgement, Verdict } from "./judge.ts";
import { type LinkJudged, linksAstray, linksToUpstreams } from "./links.ts";
import type { Observation } from "./observation.ts";
import type { Topology } from "./topology.ts";

/** A server in the picture. */
export interface ServerDrawn {
  readonly name: string;
  /** `foreign`: linked, and no server of this stack. */
  readonly kind: "upstream" | "dummy" | "foreign";
  /** Null for a foreign server too: nobody asked it. */
  readonly reachable: boolean | null;
  /** Of a dummy. */
  readonly publisher?: string;
  readonly role?: "active" | "standby" | "fenced";
  readonly publishing?: boolean | null;
}

/** One link, from the server that dials. Between upstreams: one for both directions. */
export interface LinkDrawn {
  readonly from: string;
  readonly to: string;
  /** False: fewer connections than such a link needs, or listed at one end of a mesh link only. */
  readonly complete: boolean;
  /** One end is no server of this stack. */
  readonly foreign: boolean;
}

/** `natsby topology --json`. */
export interface TopologySeen {
  readonly schema: 1;
  readonly stack: string;
  readonly activePublisher: string;
  readonly verdict: Verdict;
  readonly servers: readonly ServerDrawn[];
  readonly links: readonly LinkDrawn[];
  readonly observedAt: string;
}

/** What was seen of a stack's servers and links. */
export function topologySeen(topology: Topology, observation: Observation, judgement: Judgement): TopologySeen {
  const toUpstreams = linksToUpstreams(observation);
  const astray = linksAstray(observation);
  return {
    schema: 1,
    stack: topology.stack,
    activePublisher: judgement.active,
    verdict: judgement.verdict,
    servers: [
      ...observation.upstreams.map(({ name, reachable }) => ({ name, kind: "upstream", reachable }) as const),
      ...dummiesOf(topology, observation, judgement.active),
      ...foreigners([...toUpstreams, ...astray]),
    ],
    links: [...speaking(toUpstreams), ...straying(astray), ...mesh(toUpstreams)],
    observedAt: observation.observedAt,
  };
}

function dummiesOf({ fenced }: Topology, { dummies }: Observation, active: string): readonly ServerDrawn[] {
  return dummies.map(({ name, reachable, publisher, publishing }) => {
    const role = fenced.includes(publisher) ? "fenced" : publisher === active ? "active" : "standby";
    return { name, kind: "dummy", reachable, publisher, role, publishing };
  });
}

/** A stranger under the name of a server of this stack is told apart from it. */
const drawnName = ({ peer }: LinkJudged): string => (peer.impostor ? `another ${peer.name}` : peer.name);

function foreigners(links: readonly LinkJudged[]): readonly ServerDrawn[] {
  const names = links.filter(({ peer }) => peer.kind === "foreign").map(drawnName);
  return [...new Set(names)].map((name) => ({ name, kind: "foreign", reachable: null }));
}

function speaking(links: readonly LinkJudged[]): readonly LinkDrawn[] {
  return links
    .filter(({ peer }) => peer.kind !== "upstream")
    .map((link) => ({
      from: drawnName(link),
      to: link.at,
      complete: link.complete,
      foreign: link.peer.kind === "foreign",
    }));
}

const straying = (links: readonly LinkJudged[]): readonly LinkDrawn[] =>
  links.map((link) => ({
    from: link.at,
    to: drawnName(link),
    complete: link.complete,
    foreign: link.peer.kind === "foreign",
  }));

function mesh(links: readonly LinkJudged[]): readonly LinkDrawn[] {
  const ends = links.filter(({ peer }) => peer.kind === "upstream");
  const pairs = Map.groupBy(ends, ({ at, peer }) => JSON.stringify([at, peer.name].toSorted()));
  return [...pairs].map(([pair, both]) => {
    const [from, to] = JSON.parse(pair) as [string, string];
    return { from, to, complete: both.length === 2 && both.every(({ complete }) => complete), foreign: false };
  });
}
