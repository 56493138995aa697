// What is wrong with who is linked to whom: the part that decides who is heard.

import type { Case } from "./judge-case.ts";
import { type LinkJudged, linksAstray, linksToUpstreams } from "./links.ts";
import { type Problem, problem } from "./problems.ts";
import { publisherOf } from "./topology.ts";

/** Problems of the links at all upstreams. */
export function linkProblems(seen: Case): readonly Problem[] {
  const links = linksToUpstreams(seen.observation).filter(({ at }) => !seen.topology.fenced.includes(at));
  const speakers = links.filter(({ peer }) => peer.kind !== "upstream");
  return [
    ...doubled(speakers),
    ...nobody(seen, speakers),
    ...wrong(seen, speakers),
    ...missing(seen, speakers),
    ...fenced(seen, links),
    ...incomplete(links),
    ...foreign(speakers),
    ...astray(seen),
    ...mesh(seen, links),
  ];
}

/** Any two servers that are no upstreams, linked anywhere in the mesh, are two that may be heard. */
function doubled(speakers: readonly LinkJudged[]): readonly Problem[] {
  const byPeer = [...Map.groupBy(speakers, nameOf)].map(([name, links]) => `${name} (at ${places(links)})`).sort();
  if (byPeer.length < 2) return [];
  return [problem("doubled-link", speakers[0]?.at ?? "", `linked at once: ${byPeer.join(" and ")}`)];
}

/** Said only when every upstream was seen: else it is unknown. */
function nobody({ topology, observation, active }: Case, speakers: readonly LinkJudged[]): readonly Problem[] {
  const allSeen = observation.upstreams
    .filter(({ name }) => !topology.fenced.includes(name))
    .every(({ reachable, links }) => reachable === false || (reachable === true && links !== null));
  if (!allSeen || speakers.some(({ peer }) => peer.kind === "dummy")) return [];
  return [problem("nobody-linked", topology.stack, "no dummy is linked at any upstream: nobody is heard", { active })];
}

function wrong({ topology, active }: Case, speakers: readonly LinkJudged[]): readonly Problem[] {
  const wanted = dummyOf(topology, active);
  const dummies = [...new Set(speakers.filter(({ peer }) => peer.kind === "dummy").map(({ peer }) => peer.name))];
  if (dummies.length !== 1 || dummies[0] === wanted) return [];
  return [problem("wrong-linked", dummies[0] ?? "", `${dummies[0]} is linked, and ${wanted} should be`, { active })];
}

/** The active dummy is linked somewhere, and not at every upstream that answers. */
function missing({ topology, observation, active }: Case, speakers: readonly LinkJudged[]): readonly Problem[] {
  const wanted = dummyOf(topology, active);
  const linkedAt = speakers.filter(({ peer }) => peer.kind === "dummy" && peer.name === wanted).map(({ at }) => at);
  const lacking = askedOf(topology, observation).filter(({ name }) => !linkedAt.includes(name));
  if (linkedAt.length === 0 || lacking.length === 0) return [];
  const names = lacking.map(({ name }) => name).join(", ");
  return [problem("link-missing", wanted ?? "", `${wanted} is not linked at ${names}: nobody is heard there`)];
}

function fenced({ topology }: Case, all: readonly LinkJudged[]): readonly Problem[] {
  const servers = topology.fenced.map((name) => dummyOf(topology, name) ?? name);
  return servers.flatMap((server) => {
    const links = all.filter(({ peer }) => peer.name === server);
    return links.length === 0
      ? []
      : [problem("fenced-linked", server, `${server} is fenced, and linked at ${places(links)}`)];
  });
}

function incomplete(links: readonly LinkJudged[]): readonly Problem[] {
  return links
    .filter(({ complete, peer }) => !complete && peer.kind !== "foreign")
    .map(({ at, peer, entries }) =>
      problem("link-incomplete", peer.name, `the link of ${peer.name} at ${at} has ${entries} of 2 connections`),
    );
}

function foreign(speakers: readonly LinkJudged[]): readonly Problem[] {
  const strangers = speakers.filter(({ peer }) => peer.kind === "foreign");
  return [...Map.groupBy(strangers, nameOf).values()].map((links) => {
    const peer = (links[0] as LinkJudged).peer;
    const who = peer.impostor
      ? `another server that calls itself ${peer.name}`
      : `${peer.name}, no server of this stack,`;
    return problem("foreign-link", peer.name, `${who} is linked at ${places(links)}`);
  });
}

function astray({ observation }: Case): readonly Problem[] {
  return linksAstray(observation).map(({ at, peer }) =>
    problem("foreign-link", at, `${at} has a link to ${peer.name}, which is no upstream of this stack`),
  );
}

/** Each upstream should list every other one that answers. */
function mesh({ observation, topology }: Case, links: readonly LinkJudged[]): readonly Problem[] {
  const seen = askedOf(topology, observation);
  return seen.flatMap(({ name }) => {
    const linked = links.filter(({ at, peer }) => at === name && peer.kind === "upstream").map(({ peer }) => peer.name);
    const lacking = seen.filter((other) => other.name !== name && !linked.includes(other.name));
    if (lacking.length === 0) return [];
    return [
      problem("mesh-incomplete", name, `${name} has no link to ${lacking.map((other) => other.name).join(", ")}`),
    ];
  });
}

/** The upstreams that said who is linked, without those that were given up. */
const askedOf = ({ fenced }: Case["topology"], { upstreams }: Case["observation"]) =>
  upstreams.filter(({ name, links }) => links !== null && !fenced.includes(name));

function dummyOf(topology: Case["topology"], publisher: string): string | undefined {
  const known = topology.publishers.some(({ name }) => name === publisher);
  return known ? publisherOf(topology, publisher).dummy.name : undefined;
}

/** An impostor is another speaker than the server whose name it uses. */
const nameOf = ({ peer }: LinkJudged): string => (peer.impostor ? `another ${peer.name}` : peer.name);

const places = (links: readonly LinkJudged[]): string => [...new Set(links.map(({ at }) => at))].join(", ");
