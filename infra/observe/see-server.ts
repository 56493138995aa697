// One nats-server as it is seen: its process, its answers, its files. Asks and reads; changes nothing.

import { folderOf } from "../core/layout.ts";
import type { LinkSeen, ServerSeen } from "../core/observation.ts";
import type { ServerPlan } from "../core/plan.ts";
import type { Server } from "../core/topology.ts";
import type { Applied } from "../hosts/applied.ts";
import type { Host, RunningProcess } from "../hosts/host.ts";
import { editedFiles, isBaseAsAsked } from "./files.ts";
import type { Answer, Monitors, Place } from "./monitor.ts";
import { readLinks, readVarz, serverIdOf, type VarzSeen } from "./replies.ts";
import { wantedDigest } from "./wanted-digest.ts";

/** What one look at the servers of a host shares. */
export interface Look {
  readonly host: Host;
  readonly dataDir: string;
  readonly monitors: Monitors;
  readonly processes: ReadonlyMap<string, readonly RunningProcess[]>;
  /** What was last put in place, by server: a change of the config that is still to come is no edit. */
  readonly placed: ReadonlyMap<string, Applied<ServerPlan>>;
  /** Path of nats-server; null where there is none: then digests are not compared. */
  readonly natsServer: string | null;
  readonly withinMs: number;
}

/** A server, and what its /varz said when it was the right one. */
export interface ServerLook {
  readonly seen: ServerSeen;
  readonly varz: VarzSeen | null;
}

/** Looks at one server; `base` is the text that the topology asks of its base config. */
export async function seeServer(look: Look, server: Server, base: string): Promise<ServerLook> {
  const processes = look.processes.get(server.name) ?? [];
  const [presence, want, baseAsAsked, edited] = await Promise.all([
    presenceOf(look, server, processes),
    wantedDigest(look.host, natsServerOf(look, server), folderOf(look.dataDir, server.name), look.withinMs),
    isBaseAsAsked(look.host, look.dataDir, server.name, [base, look.placed.get(server.name)?.plan.base ?? base]),
    editedFiles(look.host, look.dataDir, server.name, look.placed.get(server.name)?.digests),
  ]);
  const { varz, links, ...answer } = presence;
  const seen: ServerSeen = {
    name: server.name,
    ...answer,
    id: varz?.id ?? null,
    version: varz?.version ?? null,
    pid: processes[0]?.pid ?? null,
    pids: processes.map(({ pid }) => pid),
    digest: { want: want.digest, running: varz?.digest ?? null },
    filesProblem: want.problem,
    baseAsAsked,
    editedFiles: edited,
    metadata: varz?.metadata ?? {},
    links,
  };
  return { seen, varz };
}

/** On a host of its own there are those that were brought there: while it waits for another version, that one is not. */
function natsServerOf({ natsServer, placed }: Look, { name, host }: Server): string | null {
  return (host === undefined ? undefined : placed.get(name)?.natsServer) ?? natsServer;
}

/** A server that must not be contacted. */
export function unseenServer(name: string, reason: string): ServerSeen {
  return {
    name,
    reachable: null,
    reason,
    foreign: null,
    id: null,
    version: null,
    pid: null,
    pids: [],
    digest: { want: null, running: null },
    filesProblem: null,
    baseAsAsked: null,
    editedFiles: [],
    metadata: {},
    links: null,
  };
}

interface Presence extends Pick<ServerSeen, "reachable" | "reason" | "foreign"> {
  readonly varz: VarzSeen | null;
  readonly links: readonly LinkSeen[] | null;
}

async function presenceOf(look: Look, server: Server, processes: readonly RunningProcess[]): Promise<Presence> {
  const [process] = processes;
  if (process?.frozen) return absent(null, `its process (pid ${process.pid}) is frozen`);
  if (server.monitorPort === null) return absent(null, "it has no monitoring port");
  const at = await look.host.reach(server.monitorPort, server.monitorAddress);
  const answer = await look.monitors.ask(server.monitorPort, "/varz", at);
  const varz = varzOf(answer);
  const foreign = foreignAt(server, answer, varz, process);
  if (foreign !== null) return { ...absent(process ? null : false, foreign), foreign };
  if (varz === null) return gone(answer, process);
  return {
    reachable: true,
    reason: null,
    foreign: null,
    varz,
    links: await linksOf(look, server.monitorPort, at, varz),
  };
}

/** Nobody answers: it is down only when there is no process either. */
function gone(answer: Answer, process: RunningProcess | undefined): Presence {
  const reason = answer.state === "answered" ? "it answers /varz with something else" : answer.reason;
  if (process !== undefined) return absent(null, `${reason}, and its process (pid ${process.pid}) lives`);
  return absent(answer.state === "refused" ? false : null, answer.state === "refused" ? "it does not run" : reason);
}

function foreignAt(
  { name, monitorPort }: Server,
  answer: Answer,
  varz: VarzSeen | null,
  process: RunningProcess | undefined,
): string | null {
  const place = `on 127.0.0.1:${monitorPort}`;
  if (answer.state === "odd" || (answer.state === "answered" && varz === null))
    return `no nats-server answers ${place}`;
  if (varz === null) return null;
  if (varz.name !== name) return `a nats-server called ${varz.name || varz.id} answers ${place}`;
  return process === undefined
    ? `a nats-server that natsby did not start, also called ${name}, answers ${place}`
    : null;
}

function varzOf(answer: Answer): VarzSeen | null {
  if (answer.state !== "answered") return null;
  try {
    return readVarz(answer.data);
  } catch {
    return null;
  }
}

/** Null unless both answers are of the server that answered /varz. */
async function linksOf(
  { monitors }: Look,
  port: number,
  at: Place,
  varz: VarzSeen,
): Promise<readonly LinkSeen[] | null> {
  const [routez, leafz] = await Promise.all([monitors.ask(port, "/routez", at), monitors.ask(port, "/leafz", at)]);
  if (routez.state !== "answered" || leafz.state !== "answered") return null;
  const same = [routez, leafz].every(({ data }) => serverIdOf(data) === varz.id);
  return same ? readLinks(routez.data, leafz.data) : null;
}

const absent = (reachable: false | null, reason: string): Presence => ({
  reachable,
  reason,
  foreign: null,
  varz: null,
  links: null,
});
