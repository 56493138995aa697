// One look at every server at once: who is linked to the upstreams, judged by server id.

import { messageOf } from "../../infra/core/errors.ts";
import { fileOf } from "../../infra/core/layout.ts";
import type { LinkSeen, RoleFileSeen } from "../../infra/core/observation.ts";
import { parseRoleFile } from "../../infra/core/role-file.ts";
import type { VarzSeen } from "../../infra/observe/replies.ts";
import type { Peer } from "./peer.ts";

/** A dummy as it was seen. */
export interface DummyLook {
  readonly peer: Peer;
  /** Null where it cannot be asked. */
  readonly state: VarzSeen | null;
  readonly roleFile: RoleFileSeen;
  readonly roleText: string;
}

/** What was seen. */
export interface Look {
  /** Links of each upstream by its name; null where it did not answer. */
  readonly links: ReadonlyMap<string, readonly LinkSeen[] | null>;
  readonly dummies: ReadonlyMap<string, DummyLook>;
}

/** Looks at everything. */
export async function look(upstreams: readonly Peer[], dummies: readonly Peer[]): Promise<Look> {
  const [links, looks] = await Promise.all([linksNow(upstreams), Promise.all(dummies.map(lookAt))]);
  return { links, dummies: new Map(looks.map((one) => [one.peer.name, one])) };
}

/** The links of each upstream. */
export async function linksNow(upstreams: readonly Peer[]): Promise<Look["links"]> {
  const all = await Promise.all(
    upstreams.map(async (upstream) => [upstream.name, await upstream.links().catch(() => null)] as const),
  );
  return new Map(all);
}

/** Links at one upstream that no upstream is the other end of. */
export function strangers(links: readonly LinkSeen[], upstreams: readonly Peer[]): readonly LinkSeen[] {
  return links.filter((link) => !upstreams.some((upstream) => isOf(link, upstream)));
}

/** Whether this peer is the link's other end: by id; by name only where its id cannot be had. */
export function isOf(link: LinkSeen, peer: Peer): boolean {
  return peer.id !== null && link.id !== "" ? link.id === peer.id : link.name === peer.name;
}

/** With `pool_size: 1` a whole route is two connections: one for messages, one for the system account. */
export const isComplete = (link: LinkSeen): boolean => link.entries >= (link.kind === "route" ? 2 : 1);

/** Whether each of these upstreams lists a complete link of this dummy. */
export function isAttached(dummy: Peer, links: Look["links"], upstreams: readonly Peer[]): boolean {
  return upstreams.every(({ name }) => links.get(name)?.some((link) => isOf(link, dummy) && isComplete(link)) === true);
}

/** Whether any upstream lists any link of this dummy. */
export function isLinked(dummy: Peer, links: Look["links"]): boolean {
  return [...links.values()].some((at) => at?.some((link) => isOf(link, dummy)) === true);
}

async function lookAt(peer: Peer): Promise<DummyLook> {
  const path = fileOf(peer.plan.dataDir, peer.name, "role");
  const [state, text] = await Promise.all([
    peer.answers ? peer.state().catch(() => null) : null,
    peer.host.read(path).catch((error: unknown) => `# ${messageOf(error)}\n`),
  ]);
  return { peer, state, roleFile: parseRoleFile(text ?? ""), roleText: text ?? "" };
}
