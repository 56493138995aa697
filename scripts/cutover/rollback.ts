// Rolls a flip back: the new dummy off and proved gone, then the old one on, if it is still healthy. Nobody heard is better than two.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { routesOf } from "../../infra/core/role-file.ts";
import { isUnreachable } from "../../infra/hosts/hosts.ts";
import { proveLinked } from "./attach.ts";
import type { Context } from "./context.ts";
import { proveQuiet, stopDummy, takeOff } from "./detach.ts";
import { comeBack } from "./follow-up.ts";
import { awaitFresh, takeStamps } from "./fresh.ts";
import { isLinked, linksNow } from "./look.ts";
import type { Peer } from "./peer.ts";
import { unpin } from "./pins.ts";
import { describeUnquiet } from "./quiet.ts";
import { roleText, writeRole } from "./role.ts";

/** What a rollback came to. */
export interface RolledBack {
  readonly exitCode: ExitCode;
  readonly outcome: string;
}

/** Undoes a cutover that could not be finished. @throws UserError exit 7 when a newer run took over; else its outcome is what it came to. */
export async function rollBack(context: Context): Promise<RolledBack> {
  const notProved = (why: string): RolledBack => ({
    exitCode: exitCodes.notProved,
    outcome: `not proved that nobody is linked, so nobody was put back: ${why}`,
  });
  try {
    if (context.attachedAt !== null) await detachTarget(context);
    const left = await proveQuiet(context, []);
    if (left.length > 0) return notProved(describeUnquiet(left));
  } catch (error) {
    if (isLocked(error)) throw error;
    return notProved(messageOf(error));
  }
  return putBack(context);
}

/** Its process is stopped: after a reload a link that is being made just now would stay (facts-nats P13). */
async function detachTarget(context: Context): Promise<void> {
  const { staged, stopped, target } = context;
  staged.delete(target);
  try {
    await takeOff(context, [target]);
    if (!stopped.has(target)) await stopDummy(context, target);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await keepOut(context, error);
  }
}

/** Its host died, or is cut off: what it was told may come about yet. No upstream takes its link before it is seen detached. */
async function keepOut(context: Context, why: unknown): Promise<void> {
  const { notes, stopped, target } = context;
  const { failed } = await unpin(context, [target.name]);
  for (const error of failed.values()) throw error;
  stopped.delete(target);
  notes.push(`${target.name} is kept out until a run finds it detached: ${messageOf(why)}`);
}

async function putBack(context: Context): Promise<RolledBack> {
  const { before, from } = context;
  const nobody = (why: string): RolledBack => ({ exitCode: exitCodes.nobodyActive, outcome: `NOBODY ACTIVE: ${why}` });
  if (from === null) return nobody(before === null ? "nobody was heard before either" : `${before} was given up`);
  try {
    if (context.stopped.has(from)) await comeBack(context, from);
    await from.state();
    await takeStamps(context);
    await awaitFresh(context, from);
    await writeRole(context, from, roleText(context, from, routesBefore(context, from)));
  } catch (error) {
    if (isLocked(error)) throw error;
    return nobody(`${from.name} could not be put back: ${messageOf(error)}`);
  }
  const rolledBack = (where: string): RolledBack => ({
    exitCode: exitCodes.incomplete,
    outcome: `rolled back: ${from.plan.publisher} is heard again${where}`,
  });
  try {
    await proveLinked(context, from);
    return rolledBack("");
  } catch (error) {
    const links = await linksNow(context.upstreams);
    return isLinked(from, links)
      ? rolledBack(`, but not everywhere: ${messageOf(error)}`)
      : nobody(`${from.name} was told to link again: ${messageOf(error)}`);
  }
}

const isLocked = (error: unknown): boolean => error instanceof UserError && error.exitCode === exitCodes.locked;

/** To every upstream, also one that this run went on without. */
function routesBefore({ topology }: Context, { plan }: Peer): readonly string[] {
  const publisher = plan.publisher ?? "";
  return routesOf({ ...topology, activePublisher: publisher }, publisher);
}
