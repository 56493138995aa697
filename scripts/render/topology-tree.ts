// The picture of `natsby topology`: every publisher, its dummy, and what that is linked to, as observed. Fits 80 columns.

import type { LinkDrawn, ServerDrawn, TopologySeen } from "../../infra/core/topology-seen.ts";
import { cut, width } from "./columns.ts";
import type { Output } from "./output.ts";

/** The text of `natsby topology`. */
export function topologyTree(seen: TopologySeen, paint: Output["paint"]): string {
  const of = (kind: ServerDrawn["kind"]) => seen.servers.filter((server) => server.kind === kind);
  const speakers = [...of("dummy"), ...of("foreign")];
  const lines = [
    `stack ${seen.stack} as seen at ${seen.observedAt}: ${seen.verdict}`,
    "",
    ...speakers.flatMap((server) => [...speakerLines(server, seen, paint), ""]),
    ...of("upstream").flatMap((server) => upstreamLines(server, seen)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function speakerLines(server: ServerDrawn, { links }: TopologySeen, paint: Output["paint"]): readonly string[] {
  const own = links.filter(({ from }) => from === server.name);
  const heard = own.length > 0;
  const [colour, first] =
    server.kind === "foreign"
      ? (["red", `${server.name}  no server of this stack`] as const)
      : ([colourOf(server, heard), `${server.publisher}  ${server.role}, ${sendsWords(server.publishing)}`] as const);
  const dummy = server.kind === "foreign" ? [] : [`└─▶ ${server.name}  ${stateOf(server)}`];
  const indent = server.kind === "foreign" ? "" : "    ";
  return [paint(colour, cut(first, width)), ...dummy.map((line) => cut(line, width)), ...branches(own, indent)];
}

/** Heard as it should be, heard as it should not be, or quiet. */
const colourOf = ({ role }: ServerDrawn, heard: boolean) => (!heard ? "dim" : role === "active" ? "green" : "red");

function branches(links: readonly LinkDrawn[], indent: string): readonly string[] {
  if (links.length === 0) return [`${indent}linked to nobody`];
  return links.map(({ to, complete }, index) => {
    const corner = index === links.length - 1 ? "└" : "├";
    return cut(`${indent}${corner}${complete ? "═▶" : "─▷"} ${to}${complete ? "" : "  (incomplete)"}`, width);
  });
}

function upstreamLines(server: ServerDrawn, { links, servers }: TopologySeen): readonly string[] {
  const upstreams = new Set(servers.filter(({ kind }) => kind === "upstream").map(({ name }) => name));
  const mesh = links.filter(({ from, to }) => upstreams.has(from) && upstreams.has(to));
  const others = mesh
    .filter(({ from, to }) => from === server.name || to === server.name)
    .map((link) => ({ ...link, to: link.from === server.name ? link.to : link.from }));
  const own = others.map(({ to, complete }, index) => {
    const corner = index === others.length - 1 ? "└" : "├";
    return cut(`${corner}${complete ? "══" : "──"} ${to}${complete ? "" : "  (incomplete)"}`, width);
  });
  return [cut(`${server.name}  upstream, ${stateOf(server)}`, width), ...own];
}

const stateOf = ({ reachable }: ServerDrawn): string =>
  reachable === null ? "does not answer" : reachable ? "up" : "DOWN";

const sendsWords = (publishing: boolean | null | undefined): string =>
  publishing === true ? "sends" : publishing === false ? "sends NOTHING" : "sends ?";
