// The first steps: connect, claim, observe. They change nothing but the ticket.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { type Context, wantedUpstreams } from "./context.ts";
import { isAttached, isLinked, look } from "./look.ts";
import type { Peer } from "./peer.ts";
import { pinnedNow } from "./pins.ts";

/**
 * Opens all connections at once, so that nothing has to start inside the gap. Taps at the upstreams come after the target's
 * own: what they hear of the old publisher must not be older than what the target's could hear.
 */
export async function connect(context: Context): Promise<string> {
  const { target, dummies, upstreams } = context;
  const first = target.open();
  const others = dummies.filter((dummy) => dummy !== target).map((dummy) => dummy.open());
  await Promise.all([first, ...others, ...upstreams.map((upstream) => upstream.open(first))]);
  context.upstreams = upstreams.filter((upstream) => !isGone(context, upstream));
  const peers = [...context.upstreams, ...dummies];
  const failed = peers.filter(({ answers }) => !answers).map(({ name, problem }) => `${name}: ${problem}`);
  return failed.length === 0 ? `${peers.length} servers` : failed.join(", ");
}

/** An upstream that the config dropped, and that does not run: nothing can be linked there. */
function isGone({ topology }: Context, upstream: Peer): boolean {
  return upstream.absent && !topology.upstreams.some(({ name }) => name === upstream.name);
}

/** Takes a ticket higher than any seen: from now on an older run's writes are refused. */
export async function claim(context: Context): Promise<string> {
  const { host, topology } = context;
  const seen = await host.guard();
  if (seen.epoch > topology.epoch) {
    throw new UserError(
      `this config has epoch ${topology.epoch}, host ${host.name} has seen epoch ${seen.epoch}: it is stale`,
      {
        code: "stale-epoch",
        exitCode: exitCodes.refused,
        hint: "take the newer config: `git pull`, or put the epoch that `natsby status` shows into the stack's config",
      },
    );
  }
  // The journal knows tickets too: a guard record that was lost must not make an old run's ticket the highest again.
  const ticket = Math.max(seen.ticket, ...context.journal.map((entry) => entry.ticket)) + 1;
  const claim = { epoch: topology.epoch, fenced: topology.fenced, ticket };
  await host.claim(claim);
  context.claim = claim;
  return `ticket ${context.claim.ticket}`;
}

/** Looks at everything and finds who is attached. */
export async function observe(context: Context): Promise<string> {
  const { upstreams, dummies, host } = context;
  [context.seen, context.pinned] = await Promise.all([look(upstreams, dummies, host), pinnedNow(context)]);
  const { links } = context.seen;
  const linked = dummies.filter((dummy) => isLinked(dummy, links));
  context.from = linked.length === 1 ? (linked[0] ?? null) : null;
  if (linked.length === 0) return "nobody is attached";
  const words = linked.map(
    (dummy) => `${dummy.name}${isAttached(dummy, links, wantedUpstreams(context)) ? "" : " (not everywhere)"}`,
  );
  return `${words.join(" and ")} attached`;
}
