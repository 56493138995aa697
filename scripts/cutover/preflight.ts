// PREFLIGHT: everything that can be known beforehand. It refuses while nothing has been changed.

import { UserError, type UserErrorOptions } from "../../infra/core/errors.ts";
import { lastActive } from "../../infra/core/history.ts";
import type { Heard } from "../../infra/observe/tap.ts";
import type { Context } from "./context.ts";
import { isOf, strangers } from "./look.ts";
import type { Peer } from "./peer.ts";
import { mayStay } from "./settled.ts";

/** @throws UserError exit 3 naming what stands in the way. */
export async function preflight(context: Context): Promise<string> {
  refuseUnasked(context);
  refuseForeigners(context);
  await refuseSilent(context);
  return refuseLag(context);
}

/** An upstream that cannot be asked could have any link; a target that cannot be asked could not be attached. */
function refuseUnasked({ upstreams, target, seen }: Context): void {
  const upstream = upstreams.find(({ name, answers }) => !answers || seen.links.get(name) === null);
  if (upstream !== undefined) {
    throw refused(`upstream ${upstream.name} cannot be asked: ${upstream.problem ?? "no answer in time"}`, {
      code: "upstream-unknown",
      hint: `see to ${upstream.name} first: \`natsby status\` and \`natsby logs ${upstream.name}\``,
    });
  }
  if (!target.answers) {
    throw refused(`${target.name} cannot be asked: ${target.problem}`, {
      code: "target-unknown",
      hint: `see to it first: \`natsby logs ${target.name}\``,
    });
  }
}

/** A link of a server that natsby does not know could carry anything. */
function refuseForeigners({ upstreams, dummies, seen }: Context): void {
  for (const [upstream, links] of seen.links) {
    const foreign = strangers(links ?? [], upstreams).find((link) => !dummies.some((dummy) => isOf(link, dummy)));
    if (foreign === undefined) continue;
    throw refused(
      `${upstream} has a ${foreign.kind} from ${foreign.name || "a server without a name"} (${foreign.id}), which is not this stack's`,
      {
        code: "foreign-link",
        hint: "find and stop that server: two links in the mesh are two publishers heard",
      },
    );
  }
}

/** A publisher that says nothing must not be promoted. One that is linked already is: taking others off must not wait for it. */
async function refuseSilent(context: Context): Promise<void> {
  const { target, topology } = context;
  if (mayStay(context)) return;
  const { silence } = topology.timeouts;
  const tap = target.tap;
  if (tap === null || (await tap.until(() => tap.heard.length > 0, silence))) return;
  throw refused(`${topology.activePublisher} said nothing for ${silence / 1000} s at ${target.name}`, {
    code: "target-silent",
    hint: `see to it first: \`natsby logs ${topology.activePublisher}\`; a rare publisher needs a longer timeouts.silence`,
  });
}

/** Compares when both dummies heard the same stamps. Where nobody is heard it only notes: refusing would not mend that. */
async function refuseLag(context: Context): Promise<string> {
  const { from, target, topology } = context;
  const before = oldPublisher(context);
  const [old, next] = [before?.tap, target.tap];
  if (before === target || old == null || next == null) return "no old publisher to compare with";
  if (topology.stamp === null) return "no stamp: lag is not known";
  const { maxLag } = topology;
  await next.until(() => compare(old.heard, next.heard) !== null, maxLag);
  const compared = compare(old.heard, next.heard);
  if (compared === null)
    return from === null ? "too little to compare" : lagUnknown(old.heard, next.heard, target, maxLag);
  const lag = compared.next - compared.old;
  const words = `lag of the standby ${lag.toFixed(1)} ms`;
  if (Math.abs(lag) <= maxLag) context.comparedAt = compared.old;
  if (Math.abs(lag) <= maxLag || from === null) return words;
  const side = lag > 0 ? "behind" : "ahead of";
  throw refused(
    `${topology.activePublisher} is ${Math.abs(lag).toFixed(0)} ms ${side} the active one; maxLag is ${maxLag} ms`,
    {
      code: "lag",
      hint: "wait until it caught up, or raise maxLag in the stack's config",
    },
  );
}

/** Who is heard; where nobody is, who was last. */
function oldPublisher({ from, journal, dummies, topology }: Context): Peer | null {
  const last = topology.publishers.find(({ name }) => name === lastActive(journal))?.dummy.name;
  return from ?? dummies.find(({ name }) => name === last) ?? null;
}

/** No common stamp within `maxLag`: the standby lags by more, unless nothing was published at all. */
function lagUnknown(old: readonly Heard[], next: readonly Heard[], target: Peer, maxLag: number): string {
  if (old.length === 0 || next.length === 0) return "too little published to compare";
  if (old.every(({ stamp }) => stamp === null)) return "the active publisher sends no stamps to compare";
  throw refused(`${target.name} heard none of the active publisher's stamps within ${maxLag} ms`, {
    code: "lag",
    hint: "the standby lags by more than maxLag, or the two publishers do not stamp alike",
  });
}

/** When each heard the newest stamp that both did; null without a common one. */
function compare(old: readonly Heard[], next: readonly Heard[]): { old: number; next: number } | null {
  const times = new Map(
    old.filter(({ stamp }) => stamp !== null).map(({ subject, stamp, at }) => [`${subject} ${stamp}`, at]),
  );
  for (const { subject, stamp, at } of next.toReversed()) {
    const before = times.get(`${subject} ${stamp}`);
    if (before !== undefined) return { old: before, next: at };
  }
  return null;
}

const refused = (problem: string, options: UserErrorOptions) => new UserError(problem, options);
