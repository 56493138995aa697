// Who is linked to whom, resolved from what servers list. Links are judged by server id; a name proves nothing.

import type { LinkSeen, Observation, ServerSeen } from "./observation.ts";

/** The other end of a link. */
export interface Peer {
  /** `foreign`: no server of this stack, whatever it calls itself. */
  readonly kind: "upstream" | "dummy" | "foreign";
  readonly name: string;
  /** The name belongs to a server of this stack, and that server is another one. */
  readonly impostor: boolean;
}

/** One link as `at` lists it. */
export interface LinkJudged {
  readonly at: string;
  readonly peer: Peer;
  readonly entries: number;
  /** Every connection that such a link needs is there. */
  readonly complete: boolean;
}

/** With `pool_size: 1` a route is one connection for messages and one for the system account. */
const routeEntries = 2;

/**
 * Every link into the upstreams: as they list them, and, where an upstream says nothing, as the dummies list theirs to it.
 * A server that could not be asked is recognised by its name, for want of its id.
 */
export function linksToUpstreams(observation: Observation): readonly LinkJudged[] {
  return observation.upstreams.flatMap((upstream) => {
    const untold = upstream.links === null && upstream.reachable !== false;
    return untold ? toldByDummies(upstream, observation) : linksAt(upstream, observation);
  });
}

/** Links that dummies have to servers that are no upstreams. */
export function linksAstray(observation: Observation): readonly LinkJudged[] {
  return observation.dummies
    .flatMap((dummy) => linksAt(dummy, observation))
    .filter(({ peer }) => peer.kind !== "upstream");
}

/** A stack's links at one server, as it lists them. */
export function linksAt(server: ServerSeen, observation: Observation): readonly LinkJudged[] {
  return (server.links ?? []).map((link) => judged(server.name, peerOf(link, observation), link));
}

function toldByDummies(upstream: ServerSeen, observation: Observation): readonly LinkJudged[] {
  return observation.dummies.flatMap((dummy) =>
    (dummy.links ?? [])
      .filter((link) => link.name === upstream.name)
      .map((link) => judged(upstream.name, { kind: "dummy", name: dummy.name, impostor: false }, link)),
  );
}

function judged(at: string, peer: Peer, { entries, kind }: LinkSeen): LinkJudged {
  return { at, peer, entries, complete: entries >= (kind === "route" ? routeEntries : 1) };
}

function peerOf(link: LinkSeen, { upstreams, dummies }: Observation): Peer {
  const kinds = [
    { kind: "upstream", servers: upstreams as readonly ServerSeen[] },
    { kind: "dummy", servers: dummies as readonly ServerSeen[] },
  ] as const;
  for (const { kind, servers } of kinds) {
    const known = servers.find((server) => isThis(server, link));
    if (known !== undefined) return { kind, name: known.name, impostor: false };
  }
  const impostor = [...upstreams, ...dummies].some(({ name }) => name === link.name);
  return { kind: "foreign", name: link.name || link.id, impostor };
}

function isThis(server: ServerSeen, link: LinkSeen): boolean {
  if (link.id !== "" && server.id !== null) return link.id === server.id;
  const idUnknown = link.id === "" || server.reachable === null;
  return idUnknown && link.name === server.name;
}
