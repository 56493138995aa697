// PREFLIGHT: everything that can be known beforehand. It refuses while nothing has been changed.

import { UserError, type UserErrorOptions } from "../../infra/core/errors.ts";
import { lastActive } from "../../infra/core/history.ts";
import { describePause, isInForce } from "../../infra/core/pause.ts";
import { readPause } from "../../infra/hosts/pause-file.ts";
import type { Heard, Tap } from "../../infra/observe/tap.ts";
import { unclaimed } from "./claim.ts";
import { accepts, type Context, goOnWithout } from "./context.ts";
import { isLinked, isOf, strangers } from "./look.ts";
import type { Peer } from "./peer.ts";
import { mayStay } from "./settled.ts";

/** @throws UserError exit 3 naming what stands in the way. */
export async function preflight(context: Context): Promise<string> {
  await refusePaused(context);
  refuseUnasked(context);
  refuseForeigners(context);
  refuseUnclaimed(context);
  await refuseAlive(context);
  await refuseSilent(context);
  return refuseLag(context);
}

/** In a pause nobody else may be heard than before. Whoever is heard already, or was last, is no change but a repair. */
async function refusePaused(context: Context): Promise<void> {
  const { hosts, journal, topology } = context;
  const pause = await readPause(hosts);
  if (pause === null || !isInForce(pause, Date.now()) || mayStay(context)) return;
  const last = lastActive(journal);
  if (last === null || last === topology.activePublisher) return;
  throw refused(describePause(pause), { code: "paused", hint: "wait until then, or end it: `natsby resume`" });
}

/**
 * An upstream that cannot be asked could have any link; a target that cannot be asked could not be attached. Where somebody
 * was given up, the others are fenced first, and FENCE says which upstream is open.
 */
function refuseUnasked(context: Context): void {
  const { upstreams, target, seen } = context;
  const unasked = upstreams.filter(({ name, answers }) => !answers || seen.links.get(name) === null);
  context.open = unasked.map(({ name }) => name).filter((name) => mayTakeFenced(context, name));
  const [upstream] = unasked;
  const accepted = accepts(context, "accept-degraded") || accepts(context, "accept-unfenced");
  const goesOn = (accepted || context.open.length > 0) && unasked.length < upstreams.length;
  if (upstream !== undefined && !goesOn) {
    throw refused(`upstream ${upstream.name} cannot be asked: ${upstream.problem ?? "no answer in time"}`, {
      code: "upstream-unknown",
      hint: `see to ${upstream.name} first: \`natsby status\` and \`natsby logs ${upstream.name}\``,
    });
  }
  if (unasked.length > 0)
    goOnWithout(
      context,
      unasked.map(({ name }) => name),
    );
  if (!target.answers) {
    throw refused(`${target.name} cannot be asked: ${target.problem}`, {
      code: "target-unknown",
      hint: `see to it first: \`natsby logs ${target.name}\``,
    });
  }
}

/** Whether an upstream's pins file, as far as it can be read, lets in a server that was given up. */
function mayTakeFenced({ fenced, pinned }: Context, upstream: string): boolean {
  const servers = pinned.get(upstream) ?? null;
  return fenced.some(({ name }) => servers?.includes(name) ?? true);
}

/** A link of a server that natsby does not know could carry anything; one of a server that was given up is about to be cut. */
function refuseForeigners({ upstreams, unasked, dummies, fenced, seen }: Context): void {
  const known = [...unasked, ...dummies, ...fenced];
  for (const [upstream, links] of seen.links) {
    const foreign = strangers(links ?? [], upstreams).find((link) => !known.some((peer) => isOf(link, peer)));
    if (foreign === undefined) continue;
    // Its other end was stopped behind a cut, so the upstream was never told.
    const mayBeLeft = dummies.some(({ name }) => name === foreign.name);
    throw refused(
      `${upstream} has a ${foreign.kind} from ${foreign.name || "a server without a name"} (${foreign.id}), which is not this stack's${mayBeLeft ? ` now: another server of that name, or one that was stopped while it was cut off from ${upstream}` : ""}`,
      {
        code: "foreign-link",
        hint: mayBeLeft
          ? `see to the network between ${foreign.name} and ${upstream}: what is left of a stopped one goes when that heals; else find and stop that server`
          : "find and stop that server: two links in the mesh are two publishers heard",
      },
    );
  }
}

/** Whoever is linked on a host that cannot be reached could be cut only by giving it up, which is somebody's decision. */
function refuseUnclaimed(context: Context): void {
  const { seen, topology } = context;
  const linked = unclaimed(context).find((dummy) => isLinked(dummy, seen.links));
  if (linked === undefined) return;
  throw refused(`${linked.plan.publisher} is heard, and nobody reaches its host ${linked.host.name}`, {
    code: "active-unreachable",
    hint: `see to the network between here and ${linked.host.name}; or give it up: \`natsby failover --to ${topology.activePublisher} --reason "…"\``,
  });
}

/**
 * Whoever is linked everywhere and only does not answer natsby may be well, with a network between that is not: what a plain flip
 * would have to do to it is to end its process. One that is frozen is ended: it answers nobody, and pours out what it has when it thaws.
 */
async function refuseAlive({ from, seen, target }: Context): Promise<void> {
  if (from === null || from === target || !from.silent) return;
  if (!(await mayRun(from))) return;
  const at = [...seen.links].flatMap(([upstream, links]) =>
    links?.some((link) => isOf(link, from)) ? [upstream] : [],
  );
  throw refused(
    `${from.plan.publisher} is alive, and heard at ${at.join(", ")}: only natsby gets no answer from ${from.name}`,
    {
      code: "active-unreachable",
      hint: `see to the network between here and ${from.name}; or give it up: \`natsby failover --to ${target.plan.publisher} --reason "…"\``,
    },
  );
}

/** Whether its process lives and is not frozen, or its host does not say. */
async function mayRun({ host, name }: Peer): Promise<boolean> {
  const processes = await host.processes().catch(() => null);
  if (processes === null) return true;
  const [process] = processes.get(name) ?? [];
  return process !== undefined && !process.frozen;
}

/** A publisher that says nothing must not be promoted. One that is linked already is: taking others off must not wait for it. */
async function refuseSilent(context: Context): Promise<void> {
  const { target, topology } = context;
  if (mayStay(context)) return;
  const { silence } = topology.timeouts;
  const tap = target.tap;
  // It was listened to while others were still being reached.
  const left = (tap: Tap) => silence - (performance.now() - tap.since);
  if (tap === null || (await tap.until(() => tap.heard.length > 0, left(tap)))) return;
  if (accepts(context, "accept-silent")) return;
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
