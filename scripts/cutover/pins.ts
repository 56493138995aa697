// Writes pins files, the only place that does: who may be in the mesh at all. Lifting a fence is the dangerous direction.

import { pinOf } from "../../infra/core/certificates.ts";
import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { type Pin, parsePinsFile, renderPinsFile } from "../../infra/core/pins-file.ts";
import type { Context } from "./context.ts";
import { isLinked, type Look, look } from "./look.ts";
import type { Peer } from "./peer.ts";
import { isDetached, mayStay } from "./settled.ts";

/** The servers whose own key each upstream's pins file names; null where it is broken, missing or cannot be read. */
export async function pinnedNow(context: Context): Promise<Context["pinned"]> {
  const read = context.upstreams.map(async ({ plan, name }) => {
    const text = await context.host.read(fileOf(plan.dataDir, name, "pins")).catch(() => null);
    return [name, text === null ? null : ownKeys(context, parsePinsFile(text))] as const;
  });
  return new Map(await Promise.all(read));
}

/** A name with another key than its server has lets somebody else in, and not that server. */
function ownKeys({ clusterSecret }: Context, pins: readonly Pin[] | null): readonly string[] | null {
  const isOwn = ({ server, fingerprint }: Pin) => fingerprint === pinOf(clusterSecret, server);
  return pins?.every(isOwn) ? pins.map(({ server }) => server) : null;
}

/** Everybody who should be pinned in the end: upstreams and dummies of the config that are not fenced. */
function pinsWanted({ topology }: Context): readonly string[] {
  const upstreams = topology.upstreams.map(({ name }) => name);
  const dummies = topology.publishers.filter(({ name }) => !topology.fenced.includes(name));
  return [...upstreams.filter((name) => !topology.fenced.includes(name)), ...dummies.map(({ dummy }) => dummy.name)];
}

/** Lets upstreams into the mesh where one of them is new. A broken file is left to PINS IN: here a reload of less would cut the active link. */
export async function pinUpstreams(context: Context): Promise<readonly string[]> {
  const upstreams = context.upstreams.map(({ name }) => name);
  return changePins(context, (pinned) => pinned && union(pinned, upstreams));
}

/**
 * Lets dummies in whose pin is missing. Each is looked at again here, in this very run: file and running config must say
 * detached. The target may be linked already, where it is pinned: nobody else is.
 * @throws UserError exit 4 where the target does not read back detached; another dummy is not let in, which is said.
 */
export async function pinDummies(context: Context): Promise<readonly string[]> {
  const { dummies, pinned, target, notes } = context;
  const missing = pinsWanted(context).filter((name) => [...pinned.values()].some((at) => !at?.includes(name)));
  if (missing.length === 0) return [];
  const looked = dummies.filter(({ name }) => missing.includes(name));
  const now = await look(context.upstreams, looked, context.host);
  const open = looked.filter((dummy) => !(dummy === target && mayStay(context)) && !readsDetached(context, dummy, now));
  if (open.includes(target)) {
    throw new UserError(`${target.name} is not let in: it does not read back detached`, {
      code: "not-detached",
      exitCode: exitCodes.notProved,
      hint: "run `pulumi up` again: it writes the role file first",
    });
  }
  const kept = open.map(({ name }) => name);
  if (kept.length > 0)
    notes.push(`${kept.join(", ")} not let in: it does not read back detached; run \`pulumi up\` again`);
  const letIn = missing.filter((name) => !kept.includes(name));
  return changePins(context, (pins) => (pins === null ? without(pinsWanted(context), kept) : union(pins, letIn)));
}

/** One that was stopped in this run dials nobody. */
function readsDetached({ stopped }: Context, dummy: Peer, now: Look): boolean {
  return stopped.has(dummy) ? now.dummies.get(dummy.name)?.roleFile.state === "detached" : isDetached(dummy, now);
}

/** Takes the pins of these servers out at every upstream: the fence. Reloaded at all upstreams at once. */
export async function unpin(context: Context, servers: readonly string[]): Promise<readonly string[]> {
  if (servers.length === 0) return [];
  const harmless = context.dummies.filter(
    (dummy) => isDetached(dummy, context.seen) || isLinked(dummy, context.seen.links),
  );
  const known = [...context.topology.upstreams, ...harmless].map(({ name }) => name);
  const broken = pinsWanted(context).filter((name) => known.includes(name));
  return changePins(context, (pinned) => without(pinned ?? broken, servers));
}

/** Takes out the pins of what the config dropped. It lets nobody in. */
export async function unpinDropped(context: Context): Promise<readonly string[]> {
  const wanted = pinsWanted(context);
  return changePins(context, (pinned) => pinned?.filter((name) => wanted.includes(name)) ?? null);
}

/** Writes and reloads where `change` gives another list than is there; null: leave it. Returns the upstreams that were changed. */
async function changePins(
  context: Context,
  change: (pinned: readonly string[] | null) => readonly string[] | null,
): Promise<readonly string[]> {
  context.pinned = await pinnedNow(context);
  const changing = context.upstreams.flatMap((upstream) => {
    const at = context.pinned.get(upstream.name) ?? null;
    const wanted = change(at);
    if (wanted === null) return [];
    const servers = ordered(context, wanted);
    return at?.join() === servers.join() ? [] : [{ upstream, servers }];
  });
  const written = await Promise.allSettled(
    changing.map(({ upstream, servers }) => writePins(context, upstream, servers)),
  );
  const failed = written.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  if (changing.length > 0) context.pinned = await pinnedNow(context);
  return changing.map(({ upstream }) => upstream.name);
}

async function writePins({ claim, clusterSecret, host }: Context, upstream: Peer, servers: readonly string[]) {
  const { epoch, ticket } = claim;
  const path = fileOf(upstream.plan.dataDir, upstream.name, "pins");
  const pins: Pin[] = servers.map((server) => ({ server, fingerprint: pinOf(clusterSecret, server) }));
  await host.stage(path, renderPinsFile({ upstream: upstream.name, pins, epoch, ticket }), 0o600, claim);
  await host.commit(path, claim);
  await upstream.reload();
}

/** Always in the same order, so that equal lists are equal texts. */
function ordered(context: Context, servers: readonly string[]): readonly string[] {
  const order = [...context.upstreams, ...context.dummies].map(({ name }) => name);
  return [...servers].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

const union = (some: readonly string[], more: readonly string[]): readonly string[] => [...new Set([...some, ...more])];
const without = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter((name) => !some.includes(name));
