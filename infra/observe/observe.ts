// One look at everything a stack has on this machine, in parallel and bounded. It asks and reads, and changes nothing.

import type { DummySeen, Observation, UpstreamSeen } from "../core/observation.ts";
import { dummyConfig, upstreamConfig } from "../core/server-config.ts";
import type { Publisher, Topology, Upstream } from "../core/topology.ts";
import { isServer, readApplied } from "../hosts/applied.ts";
import { findProcesses } from "../hosts/processes.ts";
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
}

/** Looks at a stack on the platform `local`; done within `timeouts.observe` and a little. Never rejects because of a server. */
export async function observe(topology: Topology, { natsServer, at }: ObserveOptions): Promise<Observation> {
  const { dataDir, timeouts } = topology;
  using monitors = new Monitors(timeouts.observe);
  const processes = findProcesses(dataDir);
  const placed = new Map((await readApplied(dataDir)).filter(isServer).map(({ plan }) => [plan.name, plan.base]));
  const look: Look = { dataDir, monitors, processes, placed, natsServer, withinMs: timeouts.observe };
  const [upstreams, dummies] = await Promise.all([
    Promise.all(topology.upstreams.map((upstream) => seeUpstream(look, topology, upstream))),
    Promise.all(topology.publishers.map((publisher) => seeDummy(look, topology, publisher))),
  ]);
  return { observedAt: at ?? new Date().toISOString(), upstreams, dummies, strays: straysOf(topology, look) };
}

async function seeUpstream(look: Look, topology: Topology, upstream: Upstream): Promise<UpstreamSeen> {
  const { name } = upstream;
  if (topology.fenced.includes(name)) return { ...unseenServer(name, fenced), pinsFile: null };
  const [{ seen }, pinsFile] = await Promise.all([
    seeServer(look, upstream, upstreamConfig(topology, upstream)),
    readPinsFile(look.dataDir, name),
  ]);
  return { ...seen, pinsFile };
}

async function seeDummy(look: Look, topology: Topology, { name, dummy }: Publisher): Promise<DummySeen> {
  const publisherPids = (look.processes.get(name) ?? []).map(({ pid }) => pid);
  const publisher = { publisher: name, publisherPid: publisherPids[0] ?? null, publisherPids };
  if (topology.fenced.includes(name)) {
    const server = unseenServer(dummy.name, fenced);
    return { ...server, ...publisher, roleFile: null, attachedRunning: null, publishing: null };
  }
  const [{ seen, varz }, roleFile] = await Promise.all([
    seeServer(look, dummy, dummyConfig(topology, dummy, name)),
    readRoleFile(look.dataDir, dummy.name),
  ]);
  const publishing = await publishingOf(look, dummy.monitorPort, varz?.id, name, topology.timeouts.silence);
  return { ...seen, ...publisher, roleFile, attachedRunning: varz?.dials ?? null, publishing };
}

async function publishingOf(
  { monitors }: Look,
  port: number | null,
  id: string | undefined,
  user: string,
  silenceMs: number,
): Promise<boolean | null> {
  if (port === null || id === undefined) return null;
  const connz = await monitors.ask(port, `/connz?auth=1&user=${encodeURIComponent(user)}`);
  if (connz.state !== "answered" || serverIdOf(connz.data) !== id) return null;
  return readPublishing(connz.data, user, silenceMs);
}

function straysOf(topology: Topology, { processes }: Look): Observation["strays"] {
  const known = new Set([
    ...topology.upstreams.map(({ name }) => name),
    ...topology.publishers.flatMap(({ name, dummy }) => [name, dummy.name]),
  ]);
  const strays = [...processes].filter(([name]) => !known.has(name));
  return strays.flatMap(([name, found]) => found.map(({ pid }) => ({ name, pid })));
}

const fenced = "it is fenced, so it is never contacted";
