// FRESH: a dummy must have heard what the old publisher sent last before it is attached, or old messages would be heard again.

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { lastActive, lastQuiet } from "../../infra/core/history.ts";
import type { Newest } from "../../infra/observe/tap.ts";
import { accepts, type Context } from "./context.ts";
import type { Peer } from "./peer.ts";

/** Takes what every upstream heard last, once all that was under way has arrived. Falls back to the journal, then to the old dummy. */
export async function takeStamps(context: Context): Promise<void> {
  const { topology, upstreams } = context;
  const flushed = await Promise.allSettled(upstreams.map(({ tap }) => tap?.flush(topology.timeouts.request)));
  const failed = upstreams.flatMap(({ name }, index) => {
    const one = flushed[index];
    return one?.status === "rejected" ? [`${name}: ${messageOf(one.reason)}`] : [];
  });
  context.stampsProblem = failed.length === 0 ? null : failed.join(", ");
  const heard = newestOf(upstreams.flatMap(({ tap }) => [...(tap?.newest ?? [])]));
  context.stamps = heard.size > 0 || topology.stamp === null ? heard : stampsBefore(context);
}

/** Waits until the target's dummy heard as much. @throws UserError when `timeouts.fresh` ran out: the flip is rolled back. */
export async function fresh(context: Context): Promise<string> {
  const { target, topology, stampsProblem } = context;
  if (stampsProblem !== null) {
    throw new UserError(`what was heard last is not known: ${stampsProblem}`, {
      code: "not-fresh",
      hint: "see to that upstream: `natsby status`",
    });
  }
  const started = performance.now();
  await awaitFresh(context, target);
  const waited = performance.now() - started;
  const unknown = wasHeard(context) ? withoutStamp(context) : [];
  if (unknown.length > 0) await settle(context, unknown, waited, whyUnknown(context));
  return unknown.length > 0
    ? `settled ${topology.settle} ms for ${unknown.join(", ")}`
    : `up to the last message heard`;
}

/** Waits until this dummy's tap heard every stamp. @throws UserError when `timeouts.fresh` ran out. */
export async function awaitFresh(context: Context, dummy: Peer): Promise<void> {
  const { tap } = dummy;
  if (tap === null) throw new UserError(`${dummy.name} is not listened to`, { code: "target-unknown" });
  const withinMs = context.topology.timeouts.fresh;
  if (tap.heard.length === 0 && accepts(context, "accept-silent")) {
    await settle(context, context.topology.subjects, 0, `${dummy.name} hears nothing of its publisher`);
    return;
  }
  const started = performance.now();
  if (await tap.until(() => behind(context, tap.newest).length === 0, withinMs)) return;
  const left = behind(context, tap.newest);
  const subjects = left.map(([subject]) => subject).join(", ");
  // Noted by an earlier run, and rare: it would be waited for in vain again and again, with nobody heard.
  if (left.every(([subject, { at }]) => !tap.newest.has(subject) && started - at > withinMs)) {
    context.notes.push(
      `doubles cannot be excluded on ${subjects}: ${dummy.name} heard nothing of it in ${withinMs / 1000} s`,
    );
    return;
  }
  throw new UserError(
    `gave up after ${withinMs / 1000} s waiting until ${dummy.name} heard stamp ${left[0]?.[1].stamp} of ${left[0]?.[0]}`,
    { code: "not-fresh", hint: "the standby lags: look with `natsby verify`" },
  );
}

/**
 * Subjects that the dummy may still be behind on. What upstreams heard before the stamp that PREFLIGHT saw both dummies have
 * had reached it by then, though its tap may have been opened too late to hear it: a rare subject would be waited for in vain.
 */
function behind({ stamps, comparedAt }: Context, heard: ReadonlyMap<string, Newest>): readonly [string, Newest][] {
  return [...stamps].filter(([subject, { stamp, at }]) => {
    const before = comparedAt !== null && at < comparedAt;
    return !before && (heard.get(subject)?.stamp ?? Number.NEGATIVE_INFINITY) < stamp;
  });
}

/** A rerun of a cutover that was killed hears nobody at the upstreams. The old dummy heard at least all that they did: never too old. */
function stampsBefore({ journal, dummies, target, topology }: Context): ReadonlyMap<string, Newest> {
  const quiet = lastQuiet(journal);
  if (quiet !== null) {
    const at = performance.now() - (Date.now() - Date.parse(quiet.at));
    return new Map(Object.entries(quiet.stamps).map(([subject, stamp]) => [subject, { stamp, at }]));
  }
  const last = topology.publishers.find(({ name }) => name === lastActive(journal))?.dummy.name;
  const old = dummies.find(({ name }) => name === last);
  return old === target ? new Map() : newestOf(old?.tap?.newest ?? []);
}

/** Before the very first attach there is nothing that could be heard again. */
export const wasHeard = ({ from, journal }: Context): boolean => from !== null || journal.length > 0;

/** Subjects that nothing newest is known of: silent, rare, or without a stamp. */
function withoutStamp({ topology, stamps }: Context): readonly string[] {
  if (topology.stamp === null) return topology.subjects;
  const wild = /(^|\.)[*>](\.|$)/;
  return topology.subjects.filter((subject) => (wild.test(subject) ? stamps.size === 0 : !stamps.has(subject)));
}

const whyUnknown = ({ topology }: Context): string =>
  topology.stamp === null ? "the stack names no stamp" : "nothing of it was heard of the old publisher";

async function settle(
  { topology, notes }: Context,
  unknown: readonly string[],
  waited: number,
  why: string,
): Promise<void> {
  notes.push(`doubles cannot be excluded on ${unknown.join(", ")}: ${why}; waited ${topology.settle} ms`);
  await sleep(Math.max(0, topology.settle - waited));
}

function newestOf(all: Iterable<readonly [string, Newest]>): ReadonlyMap<string, Newest> {
  const newest = new Map<string, Newest>();
  for (const [subject, one] of all) {
    const known = newest.get(subject);
    if (known === undefined || one.stamp > known.stamp) newest.set(subject, one);
  }
  return newest;
}
