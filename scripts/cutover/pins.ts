// Writes pins files, the only place that does: who may be in the mesh at all. Lifting a fence is the dangerous direction.

import { pinOf } from "../../infra/core/certificates.ts";
import { UserError } from "../../infra/core/errors.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { type Pin, parsePinsFile, renderPinsFile } from "../../infra/core/pins-file.ts";
import type { Context } from "./context.ts";
import { isDetached } from "./detach.ts";
import { look } from "./look.ts";
import type { Peer } from "./peer.ts";

/** The servers whose key each upstream's pins file names; null where it is broken or missing. */
export async function pinnedNow(context: Context): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const read = context.upstreams.map(async ({ plan, name }) => {
    const text = await context.host.read(fileOf(plan.dataDir, name, "pins"));
    return [name, (text === null ? null : parsePinsFile(text))?.map(({ server }) => server) ?? null] as const;
  });
  return new Map(await Promise.all(read));
}

/** Everybody who should be pinned in the end: upstreams and dummies of the config that are not fenced. */
export function pinsWanted({ topology }: Context): readonly string[] {
  const upstreams = topology.upstreams.map(({ name }) => name);
  const dummies = topology.publishers.filter(({ name }) => !topology.fenced.includes(name));
  return [...upstreams.filter((name) => !topology.fenced.includes(name)), ...dummies.map(({ dummy }) => dummy.name)];
}

/** Lets upstreams into the mesh where one of them is new. */
export async function pinUpstreams(context: Context): Promise<readonly string[]> {
  const upstreams = context.upstreams.map(({ name }) => name);
  return changePins(context, (pinned) => [...new Set([...pinned, ...upstreams])]);
}

/**
 * Lets dummies in whose pin is missing. Each is looked at again here, in this very run: file and running config must say detached.
 * @throws UserError exit 4 naming the dummy that is not.
 */
export async function pinDummies(context: Context): Promise<readonly string[]> {
  const { pinned } = context;
  const missing = pinsWanted(context).filter((name) => [...pinned.values()].some((at) => !at?.includes(name)));
  if (missing.length === 0) return [];
  const dummies = context.dummies.filter(({ name }) => missing.includes(name));
  const now = await look(context.upstreams, dummies, context.host);
  const open = dummies.find((dummy) => !isDetached(dummy, now));
  if (open !== undefined) {
    throw new UserError(`${open.name} is not let in: it does not read back detached`, {
      code: "not-detached",
      exitCode: 4,
      hint: "run `pulumi up` again: it writes the role file first",
    });
  }
  return changePins(context, (pins) => [...new Set([...pins, ...missing])]);
}

/** Takes the pins of these servers out at every upstream: the fence. Reloaded at all upstreams at once. */
export async function unpin(context: Context, servers: readonly string[]): Promise<readonly string[]> {
  return changePins(context, (pinned) => pinned.filter((name) => !servers.includes(name)));
}

/** Puts the pins exactly as they should be in the end. */
export async function pinExactly(context: Context): Promise<readonly string[]> {
  return changePins(context, () => pinsWanted(context));
}

/** Returns the upstreams that were written and reloaded. */
async function changePins(
  context: Context,
  change: (pinned: readonly string[]) => readonly string[],
): Promise<readonly string[]> {
  const pinned = await pinnedNow(context);
  context.pinned = pinned;
  const changing = context.upstreams.filter(({ name }) => {
    const at = pinned.get(name) ?? null;
    return at === null || at.join() !== ordered(context, change(at)).join();
  });
  await Promise.all(
    changing.map((upstream) => writePins(context, upstream, ordered(context, change(pinned.get(upstream.name) ?? [])))),
  );
  if (changing.length > 0) context.pinned = await pinnedNow(context);
  return changing.map(({ name }) => name);
}

async function writePins(context: Context, upstream: Peer, servers: readonly string[]): Promise<void> {
  const { epoch, ticket } = context.claim;
  const path = fileOf(upstream.plan.dataDir, upstream.name, "pins");
  const pins: Pin[] = servers.map((server) => ({ server, fingerprint: pinOf(context.clusterSecret, server) }));
  await context.host.stage(path, renderPinsFile({ upstream: upstream.name, pins, epoch, ticket }), 0o600);
  await context.host.commit(path, context.claim);
  await upstream.reload();
}

/** Always in the same order, so that equal lists are equal texts. */
function ordered(context: Context, servers: readonly string[]): readonly string[] {
  const order = [...context.upstreams, ...context.dummies].map(({ name }) => name);
  return [...servers].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}
