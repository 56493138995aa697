// The first look: connect and observe. They change nothing.

import { lastActive } from "../../infra/core/history.ts";
import { type Context, wantedUpstreams } from "./context.ts";
import { isAttached, isLinked, look } from "./look.ts";
import type { Peer } from "./peer.ts";
import { pinnedNow } from "./pins.ts";

/**
 * Opens all connections at once, so that nothing has to start inside the gap. Taps at the upstreams come after the target's
 * own: what they hear of the old publisher must not be older than what the target's could hear. Dummies that were neither heard
 * last nor will be are not listened to: with many publishers that is most of what would have to be read in the gap.
 */
export async function connect(context: Context): Promise<string> {
  const { target, dummies, upstreams } = context;
  const last = lastActive(context.journal);
  for (const dummy of dummies) dummy.tapped = dummy === target || last === null || dummy.plan.publisher === last;
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

/** Looks at everything and finds who is attached. */
export async function observe(context: Context): Promise<string> {
  const { upstreams, dummies, fenced } = context;
  [context.seen, context.pinned] = await Promise.all([look(upstreams, dummies), pinnedNow(context)]);
  const { links } = context.seen;
  const linked = dummies.filter((dummy) => isLinked(dummy, links));
  // Attached by hand, or by a run that was killed: the journal did not say so.
  await Promise.all(linked.map((dummy) => dummy.listen()));
  context.from = linked.length === 1 ? (linked[0] ?? null) : null;
  const givenUp = fenced.filter((one) => one.plan.publisher !== null && isLinked(one, links));
  const heard = [...linked, ...givenUp];
  context.before = heard.length === 1 ? (heard[0]?.plan.publisher ?? null) : null;
  if (heard.length === 0) return "nobody is attached";
  const words = heard.map(
    (dummy) => `${dummy.name}${isAttached(dummy, links, wantedUpstreams(context)) ? "" : " (not everywhere)"}`,
  );
  return `${words.join(" and ")} attached`;
}
