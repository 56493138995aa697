// What is wrong with one server by itself: whether it answers, who answers, and whether it runs what its files say.

import type { Case } from "./judge-case.ts";
import type { ServerSeen, UpstreamSeen } from "./observation.ts";
import { type Problem, problem } from "./problems.ts";

/** Problems of any server; `down` is the code for one that does not run. */
export function serverProblems(_: Case, server: ServerSeen, down: "upstream-down" | "dummy-down"): readonly Problem[] {
  return [...presence(server, down), ...twice(server.name, server.pids), ...configProblems(server)];
}

/** Problems of an upstream's pins file: who should be let in, and who is. */
export function upstreamProblems({ topology }: Case, { name, pinsFile }: UpstreamSeen): readonly Problem[] {
  if (pinsFile === null) return [];
  if (pinsFile.state === "broken") return [problem("pins-broken", name, pinsFile.problem)];
  const { upstreams, publishers, fenced } = topology;
  const wanted = [
    ...upstreams.filter((upstream) => !fenced.includes(upstream.name)).map((upstream) => upstream.name),
    ...publishers.filter((publisher) => !fenced.includes(publisher.name)).map(({ dummy }) => dummy.name),
  ];
  const missing = wanted.filter((server) => !pinsFile.servers.includes(server));
  const outside = pinsFile.servers.filter((server) => !wanted.includes(server));
  const givenUp = [...fenced, ...publishers.filter((one) => fenced.includes(one.name)).map(({ dummy }) => dummy.name)];
  const open = outside.filter((server) => givenUp.includes(server));
  const extra = outside.filter((server) => !givenUp.includes(server));
  return [
    ...(missing.length ? [problem("pin-missing", name, `${name} does not let in ${missing.join(", ")}`)] : []),
    ...(open.length ? [problem("fence-open", name, `${name} may still take ${open.join(", ")}, given up`)] : []),
    ...(extra.length ? [problem("pin-extra", name, `${name} would let in ${extra.join(", ")}`)] : []),
  ];
}

/** More than one process under one name. */
export function twice(name: string, pids: readonly number[]): readonly Problem[] {
  const [pid] = pids;
  if (pid === undefined || pids.length < 2) return [];
  return [problem("process-twice", name, `${name} has ${pids.length} processes: pid ${pids.join(", ")}`, { pid })];
}

function presence(server: ServerSeen, down: "upstream-down" | "dummy-down"): readonly Problem[] {
  const { name, reachable, foreign, reason, pid, links } = server;
  if (foreign !== null) return [problem("foreign-server", name, `where ${name} should be: ${foreign}`)];
  if (reachable === false) return [problem(down, name, `${name} is down: ${reason ?? "it does not run"}`)];
  if (reachable === null) return [problem("server-unknown", name, `${name}: ${reason ?? "no answer"}`, { pid })];
  if (links === null) return [problem("server-unknown", name, `${name} answers, but not about its links`, { pid })];
  return [];
}

function configProblems(seen: ServerSeen): readonly Problem[] {
  const { name, reachable, digest, filesProblem } = seen;
  const { want, running } = digest;
  const edited = editsOf(seen);
  if (filesProblem !== null)
    return [problem("files-broken", name, `nats-server refuses its files: ${filesProblem}`), ...edited];
  if (reachable !== true) return edited;
  if (want === null || running === null) {
    return [
      problem("digest-unknown", name, `${name}: its running config could not be compared with its files`),
      ...edited,
    ];
  }
  return want === running
    ? edited
    : [problem("running-differs", name, `${name} runs ${short(running)}, its files say ${short(want)}`), ...edited];
}

/** Also of what the server has loaded: then its files and what it runs are one, and both are wrong. */
function editsOf({ name, baseAsAsked, editedFiles }: ServerSeen): readonly Problem[] {
  const names = editedFiles.join(" and ");
  return [
    ...(baseAsAsked === false ? [problem("config-differs", name, `nats.conf of ${name} was edited by hand`)] : []),
    ...(names === "" ? [] : [problem("files-differ", name, `${names} of ${name} was edited by hand`)]),
  ];
}

/** Enough of a digest to tell two apart. */
const short = (digest: string): string => digest.slice(0, "sha256:".length + 8);
