// Writes pins files, the only place that does: who may be in the mesh at all. Lifting a fence is the dangerous direction.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { type Pin, parsePinsFile, renderPinsFile } from "../../infra/core/pins-file.ts";
import { serverPins } from "../../infra/core/server-keys.ts";
import { type Context, wantedUpstreams } from "./context.ts";
import { isLinked, type Look, look } from "./look.ts";
import type { Peer } from "./peer.ts";
import { isDetached, mayStay } from "./settled.ts";

/** The servers whose own key each upstream's pins file names; null where it is broken, missing or cannot be read. */
export async function pinnedNow(context: Context): Promise<Context["pinned"]> {
  const read = context.upstreams.map(async ({ plan, name, host }) => {
    const text = await host.read(fileOf(plan.dataDir, name, "pins")).catch(() => null);
    return [name, text === null ? null : ownKeys(context, parsePinsFile(text))] as const;
  });
  return new Map(await Promise.all(read));
}

/** A name with another key than its server has lets somebody else in, and not that server. */
function ownKeys(context: Context, pins: readonly Pin[] | null): readonly string[] | null {
  const { clusterSecret, topology, endsRotation } = context;
  const isOwn = ({ server, fingerprint }: Pin) => serverPins(clusterSecret, topology, server).includes(fingerprint);
  const keys = [...Map.groupBy(pins ?? [], ({ server }) => server)];
  // What is pinned of the secret before goes last, with PINS OUT: links that were made by it are cut with it.
  const areOwn = keys.every(([, all]) => (endsRotation ? all.some(isOwn) : all.every(isOwn)));
  return pins !== null && areOwn ? keys.map(([server]) => server) : null;
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
  return done(await changePins(context, (pinned) => pinned && union(pinned, upstreams)));
}

/** Upstreams that another one does not let in: new, or given up until now. */
export function joiningUpstreams(context: Context): readonly Peer[] {
  return wantedUpstreams(context).filter(({ name }) =>
    [...context.pinned].some(([at, servers]) => at !== name && servers?.includes(name) === false),
  );
}

/** Puts the pins of upstreams that are not in the mesh yet to what may be there now: nobody who was given up meanwhile. */
export async function cleanPins(context: Context, joining: readonly Peer[]): Promise<readonly string[]> {
  const { dummies, seen } = context;
  const upstreams = context.upstreams.map(({ name }) => name);
  const clean = (pinned: readonly string[] | null, at: string) => {
    if (!joining.some(({ name }) => name === at)) return null;
    const links = new Map([[at, seen.links.get(at) ?? null]]);
    const known = dummies.filter((dummy) => pinned?.includes(dummy.name) ?? isLinked(dummy, links));
    return [...upstreams, ...known.map(({ name }) => name)];
  };
  return done(await changePins(context, clean, { reread: joining.length > 0 }));
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
  // One that nobody reached at the start may have been started since, as its old role file says.
  await Promise.all(
    looked.filter((dummy) => !dummy.answers && !context.stopped.has(dummy)).map((dummy) => dummy.open()),
  );
  const now = await look(context.upstreams, looked);
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
  return done(
    await changePins(context, (pins) => (pins === null ? without(pinsWanted(context), kept) : union(pins, letIn))),
  );
}

/** One that was stopped in this run dials nobody. */
function readsDetached({ stopped }: Context, dummy: Peer, now: Look): boolean {
  return stopped.has(dummy) ? now.dummies.get(dummy.name)?.roleFile.state === "detached" : isDetached(dummy, now);
}

/**
 * Takes the pins of these servers out at every upstream: the fence. Reloaded at all upstreams at once, also where the file is
 * right already: a run that was killed between the write and its reload leaves an upstream that still lets them in. Says where
 * it could not be.
 */
export async function unpin(context: Context, servers: readonly string[]): Promise<Changed> {
  const harmless = context.dummies.filter(
    (dummy) => isDetached(dummy, context.seen) || isLinked(dummy, context.seen.links),
  );
  const known = [...context.topology.upstreams, ...harmless].map(({ name }) => name);
  const broken = pinsWanted(context).filter((name) => known.includes(name));
  return changePins(context, (pinned) => without(pinned ?? broken, servers), { reread: true });
}

/**
 * Takes out the pins of what the config dropped. Where nothing else changed it notes a newer epoch, and in a rotation the
 * second key of who is pinned. It lets nobody else in.
 */
export async function unpinDropped(context: Context): Promise<readonly string[]> {
  const wanted = pinsWanted(context);
  const older = await writtenOtherwise(context);
  return done(
    await changePins(context, (pinned) => pinned?.filter((name) => wanted.includes(name)) ?? null, { anyway: older }),
  );
}

/** The upstreams whose pins file was written under an older epoch, or for other secrets. */
async function writtenOtherwise({ claim, clusterSecret, topology, upstreams }: Context): Promise<readonly string[]> {
  const read = upstreams.map(async ({ plan, name, host }) => {
    const text = await host.read(fileOf(plan.dataDir, name, "pins")).catch(() => null);
    const pins = parsePinsFile(text ?? "") ?? [];
    const wanted = new Set(pins.flatMap(({ server }) => serverPins(clusterSecret, topology, server)));
    const isSame = pins.length === wanted.size && pins.every(({ fingerprint }) => wanted.has(fingerprint));
    return !isSame || text?.includes(`natsby_epoch: "${claim.epoch}"`) === false ? [name] : [];
  });
  return (await Promise.all(read)).flat();
}

/** What came of a change of pins. */
export interface Changed {
  readonly upstreams: readonly string[];
  /** Why it could not be made at an upstream, by its name. */
  readonly failed: ReadonlyMap<string, unknown>;
  /** `performance.now()` right before the first reload. */
  readonly since: number;
}

/** @throws the first failure. */
function done({ failed, upstreams }: Changed): readonly string[] {
  for (const error of failed.values()) throw error;
  return upstreams;
}

/**
 * Writes and reloads where `change` gives another list than is there; null: leave it. Those of `anyway` are written for their
 * epoch alone; with `reread` the others read theirs again.
 */
async function changePins(
  context: Context,
  change: (pinned: readonly string[] | null, at: string) => readonly string[] | null,
  { reread = false, anyway = [] }: { readonly reread?: boolean; readonly anyway?: readonly string[] } = {},
): Promise<Changed> {
  context.pinned = await pinnedNow(context);
  const changing = context.upstreams.flatMap((upstream) => {
    const at = context.pinned.get(upstream.name) ?? null;
    const wanted = change(at, upstream.name);
    if (wanted === null) return [];
    const servers = ordered(context, wanted);
    return at?.join() === servers.join() && !anyway.includes(upstream.name) ? [] : [{ upstream, servers }];
  });
  const failed = new Map<string, unknown>();
  const each = (work: (one: { upstream: Peer; servers: readonly string[] }) => Promise<void>) =>
    Promise.all(
      changing
        .filter(({ upstream }) => !failed.has(upstream.name))
        .map((one) => work(one).catch((error: unknown) => failed.set(one.upstream.name, error))),
    );
  // All are staged before the first is loaded: what is on its way to the disk at one does not keep another open.
  await each(({ upstream, servers }) => stagePins(context, upstream, servers));
  const since = performance.now();
  const unchanged = context.upstreams.filter((one) => !changing.some(({ upstream }) => upstream === one));
  const again = (reread ? unchanged : []).map((one) =>
    one.reload().catch((error: unknown) => failed.set(one.name, error)),
  );
  await Promise.all([each(({ upstream }) => placePins(context, upstream)), ...again]);
  if (changing.length > 0) context.pinned = await pinnedNow(context);
  const names = changing.map(({ upstream }) => upstream.name);
  return { upstreams: names.filter((name) => !failed.has(name)), failed, since };
}

async function stagePins({ claim, clusterSecret, topology }: Context, upstream: Peer, servers: readonly string[]) {
  const { epoch, ticket } = claim;
  const pins = servers.flatMap((server) =>
    serverPins(clusterSecret, topology, server).map((fingerprint) => ({ server, fingerprint })),
  );
  const text = renderPinsFile({ upstream: upstream.name, pins, epoch, ticket });
  await upstream.host.stage(pinsPath(upstream), text, 0o600, claim);
}

async function placePins({ claim }: Context, upstream: Peer): Promise<void> {
  await upstream.host.commit(pinsPath(upstream), claim);
  await upstream.reload();
}

const pinsPath = ({ plan }: Peer): string => fileOf(plan.dataDir, plan.name, "pins");

/** Always in the same order, so that equal lists are equal texts. */
function ordered(context: Context, servers: readonly string[]): readonly string[] {
  const order = [...context.upstreams, ...context.dummies].map(({ name }) => name);
  return [...servers].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

const union = (some: readonly string[], more: readonly string[]): readonly string[] => [...new Set([...some, ...more])];
const without = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter((name) => !some.includes(name));
