// FRESH: the standby's own dummy must have heard what the old publisher sent last, or old messages would be heard again.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import type { Context } from "./context.ts";

/** Takes what every upstream heard last, once all that was under way has arrived. Falls back to the journal, then to the old dummy. */
export async function takeStamps(context: Context): Promise<ReadonlyMap<string, number>> {
  const taps = context.upstreams.flatMap(({ tap }) => tap ?? []);
  await Promise.all(taps.map((tap) => tap.flush().catch(() => undefined)));
  const heard = newestOf(taps.map(({ newest }) => newest));
  if (heard.size > 0 || context.topology.stamp === null) return heard;
  const journaled = context.journal.at(-1);
  if (journaled?.state === "quiet") return new Map(Object.entries(journaled.stamps));
  // A rerun after a killed cutover: the old publisher's own dummy heard at least all that upstreams did, so its newest is never too old.
  const old = context.dummies.find(({ name }) => name === dummyOf(context, context.journal.at(-1)?.from ?? null));
  return old?.tap == null || old === context.target ? heard : new Map(old.tap.newest);
}

/** Waits until the target's dummy heard as much. @throws UserError when `timeouts.fresh` ran out: the flip is rolled back. */
export async function fresh(context: Context): Promise<string> {
  const { target, topology, stamps } = context;
  const { fresh } = topology.timeouts;
  const tap = target.tap;
  if (tap === null) throw new UserError(`${target.name} is not listened to`, { code: "target-unknown" });
  const started = performance.now();
  const caughtUp = () =>
    [...stamps].every(([subject, stamp]) => (tap.newest.get(subject) ?? Number.NEGATIVE_INFINITY) >= stamp);
  if (!(await tap.until(caughtUp, fresh))) throw lagging(context, fresh);
  const waited = performance.now() - started;
  const unknown = withoutStamp(context);
  if (unknown.length > 0) await settle(context, unknown, waited);
  return unknown.length > 0
    ? `settled ${topology.settle} ms for ${unknown.join(", ")}`
    : `up to the last message heard`;
}

function lagging({ target, stamps }: Context, withinMs: number): UserError {
  const behind = [...stamps].find(([subject, stamp]) => (target.tap?.newest.get(subject) ?? 0) < stamp);
  return new UserError(
    `gave up after ${withinMs / 1000} s waiting until ${target.name} heard stamp ${behind?.[1]} of ${behind?.[0]}`,
    { code: "not-fresh", hint: "the standby lags: look with `natsby verify`" },
  );
}

/** Subjects that nothing newest is known of: silent, rare, or without a stamp. */
function withoutStamp({ topology, stamps }: Context): readonly string[] {
  if (topology.stamp === null) return topology.subjects;
  const wild = /(^|\.)[*>](\.|$)/;
  return topology.subjects.filter((subject) => (wild.test(subject) ? stamps.size === 0 : !stamps.has(subject)));
}

async function settle({ topology, notes }: Context, unknown: readonly string[], waited: number): Promise<void> {
  const why = topology.stamp === null ? "the stack names no stamp" : "nothing of it was heard of the old publisher";
  notes.push(`doubles cannot be excluded on ${unknown.join(", ")}: ${why}; waited ${topology.settle} ms`);
  await sleep(Math.max(0, topology.settle - waited));
}

function newestOf(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const [subject, stamp] of all.flatMap((one) => [...one])) {
    newest.set(subject, Math.max(stamp, newest.get(subject) ?? stamp));
  }
  return newest;
}

function dummyOf({ topology }: Context, publisher: string | null): string | null {
  return topology.publishers.find(({ name }) => name === publisher)?.dummy.name ?? null;
}
