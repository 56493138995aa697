// DETACH: takes dummies off and proves it at every upstream. A reload that was asked for is no detach: what upstreams list is.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { findProcesses, stopProcess } from "../../infra/hosts/processes.ts";
import type { Context } from "./context.ts";
import { isOf, type Look, mayBeLinked } from "./look.ts";
import type { Peer } from "./peer.ts";
import { describeUnquiet, type Unquiet, untilQuiet } from "./quiet.ts";
import { commitRole, roleText, stageRole, writeRole } from "./role.ts";

/** Whether this dummy is proved detached: its file, its running config, and every upstream say so. */
export function isDetached(dummy: Peer, seen: Look): boolean {
  const looked = seen.dummies.get(dummy.name);
  if (looked === undefined || mayBeLinked(dummy, seen.links)) return false;
  const running = dummy.absent ? false : (looked.state?.dials ?? true);
  return looked.roleFile.state === "detached" && !running;
}

/** The dummies that are not proved detached and should be. */
export function toDetach(context: Context): readonly Peer[] {
  return context.dummies.filter((dummy) => dummy !== context.target && !isDetached(dummy, context.seen));
}

/** Writes each role file off and has it read; a dummy that cannot do so is stopped. Does not wait for the links to go. */
export async function takeOff(context: Context, dummies: readonly Peer[]): Promise<void> {
  await Promise.all(dummies.map((dummy) => takeOneOff(context, dummy)));
}

/**
 * Waits until only `mayStay` is linked; whoever still is has its process stopped, and the proof is asked for again.
 * @returns what is not quiet even so: nothing when the detach is proved.
 */
export async function proveQuiet(context: Context, mayStay: readonly Peer[]): Promise<readonly Unquiet[]> {
  const { detach, stop } = context.topology.timeouts;
  const found = await untilQuiet(context.upstreams, mayStay, detach);
  const left = context.dummies.filter(
    (dummy) => !mayStay.includes(dummy) && found.some(({ link }) => link !== null && isOf(link, dummy)),
  );
  if (left.length === 0) return found;
  context.notes.push(`${left.map(({ name }) => name).join(", ")} stopped: ${describeUnquiet(found)}`);
  await Promise.all(left.map((dummy) => stopDummy(context, dummy)));
  return untilQuiet(context.upstreams, mayStay, stop);
}

/** Stops the process itself: for a dummy that is frozen, or that keeps links without routes (facts-nats B6, P13). */
export async function stopDummy(context: Context, dummy: Peer): Promise<void> {
  const withinMs = context.topology.timeouts.stop;
  const processes = findProcesses(dummy.plan.dataDir).get(dummy.name) ?? [];
  context.stopped.add(dummy);
  const gone = await Promise.all(processes.map((process) => stopProcess(process, { withinMs })));
  if (gone.every((one) => one)) return;
  throw new UserError(`${dummy.name} outlived SIGKILL by ${withinMs / 1000} s`, { code: "will-not-stop" });
}

async function takeOneOff(context: Context, dummy: Peer): Promise<void> {
  try {
    const stray = dummy.answers && hasStrayLinks(context, dummy);
    if (stray) await writeRole(context, dummy, unionText(context, dummy));
    if (stray || dummy === context.target || !context.staged.has(dummy)) {
      await stageRole(context, dummy, roleText(context, dummy, []));
    }
    context.staged.delete(dummy);
    await commitRole(context, dummy);
  } catch (error) {
    if (error instanceof UserError && error.exitCode === 7) throw error;
    context.notes.push(`${dummy.name} could not be told to detach and was stopped: ${messageOf(error)}`);
    await stopDummy(context, dummy);
    return;
  }
  if (!dummy.answers && !dummy.absent) await stopDummy(context, dummy);
}

/**
 * `routes: []` closes only routes whose address is in the config: a link to an upstream that joined later stays (6 of 6). So a
 * dummy with a link its role file does not name first reads a list of all of them, then the empty one.
 */
function hasStrayLinks({ seen, upstreams }: Context, dummy: Peer): boolean {
  const file = seen.dummies.get(dummy.name)?.roleFile;
  const named = file === undefined || file.state === "broken" ? [] : file.routes;
  return upstreams.some((upstream) => {
    const linked = seen.links.get(upstream.name)?.some((link) => isOf(link, dummy));
    return linked === true && !named.includes(urlOf(upstream));
  });
}

function unionText(context: Context, dummy: Peer): string {
  return roleText(context, dummy, context.upstreams.map(urlOf));
}

function urlOf({ plan }: Peer): string {
  return routeUrl({ address: plan.address, clusterPort: plan.clusterPort ?? 0 });
}
