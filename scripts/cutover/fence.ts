// FENCE: keeps out who was given up, at all upstreams at once, with no help from its host. Never contacts it.

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { unclaimed } from "./claim.ts";
import { accepts, type Context, goOnWithout } from "./context.ts";
import { isLinked, linksNow } from "./look.ts";
import type { Peer } from "./peer.ts";
import { type Changed, unpin } from "./pins.ts";

const pollMs = 1;

/** @throws UserError exit 4 where an upstream may still take the link of somebody who was given up: nothing is attached then. */
export async function fence(context: Context): Promise<string> {
  const { seen } = context;
  const out = [...context.fenced, ...unclaimed(context)];
  if (out.length === 0) return "nobody is fenced";
  const names = out.map(({ name }) => name);
  const wereLinked = out.some((server) => isLinked(server, seen.links));
  const changed = await unpin(context, names);
  leaveOpen(context, changed);
  const ms = wereLinked ? await untilGone(context, out, changed.since) : null;
  refuseOpen(context, names.join(", "));
  if (changed.upstreams.length === 0) return "already";
  const gone = ms === null ? "nobody of them was linked" : `last link gone ${ms} ms after the first reload`;
  return `${names.join(", ")} fenced at ${changed.upstreams.join(", ")}: ${gone}`;
}

/** An upstream that stopped answering just now is one more that cannot be fenced. A run that was overtaken fences nobody. */
function leaveOpen(context: Context, { failed }: Changed): void {
  for (const [name, error] of failed) {
    if (error instanceof UserError && error.exitCode === exitCodes.locked) throw error;
    context.notes.push(`${name} could not be told: ${messageOf(error)}`);
  }
  context.open = [...context.open, ...failed.keys()];
  if (failed.size > 0) goOnWithout(context, [...failed.keys()]);
}

/** Milliseconds from the first reload to the last link gone; null where one is still there: QUIET says which. */
async function untilGone(
  { topology, upstreams }: Context,
  out: readonly Peer[],
  since: number,
): Promise<number | null> {
  while (performance.now() - since < topology.timeouts.detach) {
    const links = await linksNow(upstreams);
    if (!out.some((server) => isLinked(server, links))) return Math.round((performance.now() - since) * 10) / 10;
    await sleep(pollMs);
  }
  return null;
}

function refuseOpen(context: Context, names: string): void {
  const { open, topology } = context;
  if (open.length === 0 || accepts(context, "accept-unfenced")) return;
  const at = open.join(", ");
  const giveUp = [...topology.fenced, ...open].map((name) => JSON.stringify(name)).join(",");
  throw new UserError(`${at} cannot be told to keep out ${names}, and may still take its link: nothing was attached`, {
    code: "not-fenced",
    exitCode: exitCodes.notProved,
    hint:
      `start ${at} again and run it once more; or give ${at} up too: pulumi config set fenced '[${giveUp}]', ` +
      `pulumi config set epoch ${topology.epoch + 1}; or accept for one run that both may be heard there: --accept-unfenced`,
  });
}
