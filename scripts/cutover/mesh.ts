// MESH: lets upstreams in that are new, or were given up and come back. One of those may have an old friend linked: it is cleaned first.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import type { Context } from "./context.ts";
import { isComplete, isOf, linksNow, strangers } from "./look.ts";
import type { Peer } from "./peer.ts";
import { cleanPins, joiningUpstreams, pinUpstreams } from "./pins.ts";

const pollMs = 5;

/** @throws UserError where one that comes has a link that it must not have, or where its links with the others do not come. */
export async function mesh(context: Context): Promise<string> {
  const joining = joiningUpstreams(context);
  await cleanPins(context, joining);
  await proveClean(context, joining);
  const changed = await pinUpstreams(context);
  if (changed.length === 0) return "already";
  await proveWhole(context, joining);
  return `upstreams' pins written at ${changed.join(", ")}`;
}

/** Nobody is linked at them but upstreams and dummies that this run sees to itself. */
async function proveClean({ dummies, topology, unasked, upstreams }: Context, joining: readonly Peer[]): Promise<void> {
  await until(topology.timeouts.detach, async () => {
    const links = await linksNow(joining);
    const left = [...links].flatMap(([at, found]) => {
      if (found === null) return [`${at} does not answer`];
      const foreign = strangers(found, [...upstreams, ...unasked]).filter(
        (link) => !dummies.some((dummy) => isOf(link, dummy)),
      );
      return foreign.map((link) => `${at} still has a ${link.kind} from ${link.name || link.id}`);
    });
    return left.length === 0 ? null : `not let into the mesh: ${left.join(", ")}`;
  });
}

/** Each of them lists the whole link of every other one that can be asked. */
async function proveWhole({ topology, upstreams }: Context, joining: readonly Peer[]): Promise<void> {
  await until(topology.timeouts.attach, async () => {
    const links = await linksNow(joining);
    const missing = joining.flatMap((one) => {
      const whole = links.get(one.name)?.filter(isComplete) ?? [];
      const others = upstreams.filter((other) => other !== one && !whole.some((link) => isOf(link, other)));
      return others.map((other) => `${one.name} has no whole link with ${other.name}`);
    });
    return missing.length === 0 ? null : missing.join(", ");
  });
}

/** Looks until nothing is wrong any more. */
async function until(withinMs: number, look: () => Promise<string | null>): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const wrong = await look();
    if (wrong === null) return;
    if (performance.now() > deadline) {
      throw new UserError(`gave up after ${withinMs / 1000} s: ${wrong}`, {
        code: "mesh-not-whole",
        hint: "nobody was attached or detached; look with `natsby topology`, then run `pulumi up` again",
      });
    }
    await sleep(pollMs);
  }
}
