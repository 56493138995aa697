// DETACH: takes dummies off and proves it at every upstream. A reload that was asked for is no detach: what upstreams list is.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import type { Context } from "./context.ts";
import { isOf } from "./look.ts";
import type { Peer } from "./peer.ts";
import { describeUnquiet, type Unquiet, untilQuiet } from "./quiet.ts";
import { enforceRole, placeRole, roleText, stageRole } from "./role.ts";
import { isDetached, isSettled, mayStay } from "./settled.ts";

/** The dummies that are not proved detached and should be: all but a target that may keep its links, and whom nobody reaches: FENCE keeps those out. */
export function toDetach(context: Context): readonly Peer[] {
  const { claimed, dummies, target, seen } = context;
  const reached = dummies.filter(({ host }) => claimed.includes(host));
  return reached.filter((dummy) => !(dummy === target && mayStay(context)) && !isDetached(dummy, seen));
}

/** Takes each dummy off, all at once. Does not wait for the links to go. @throws the first failure, once all have ended. */
export async function takeOff(context: Context, dummies: readonly Peer[]): Promise<void> {
  const all = await Promise.allSettled(dummies.map((dummy) => takeOneOff(context, dummy)));
  const failed = all.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/**
 * Waits until only `mayStay` is linked; whoever still is has its process stopped, and the proof is asked for again.
 * @returns what is not quiet even so: nothing when the detach is proved.
 */
export async function proveQuiet(context: Context, mayStay: readonly Peer[]): Promise<readonly Unquiet[]> {
  const { detach, stop } = context.topology.timeouts;
  const known = [...mayStay, ...context.unasked];
  const found = await untilQuiet(context.upstreams, known, detach);
  const left = context.dummies.filter(
    (dummy) => !mayStay.includes(dummy) && found.some(({ link }) => link !== null && isOf(link, dummy)),
  );
  if (left.length === 0) return found;
  context.notes.push(`${left.map(({ name }) => name).join(", ")} stopped: ${describeUnquiet(found)}`);
  await Promise.all(left.map((dummy) => stopDummy(context, dummy)));
  return untilQuiet(context.upstreams, known, stop);
}

/**
 * Stops the process itself: a detach that needs nothing of the dummy, and leaves no handshake under way. Under the host's
 * guard: a run that was overtaken must not stop what a newer one attached.
 */
export async function stopDummy(context: Context, dummy: Peer): Promise<void> {
  const withinMs = context.topology.timeouts.stop;
  const { host } = dummy;
  context.stopped.add(dummy);
  dummy.process = null;
  const processes = await host.guarded(context.claim, async () => {
    const found = (await host.processes()).get(dummy.name) ?? [];
    await Promise.all(found.map((process) => host.signal(process, "SIGKILL")));
    return found;
  });
  const gone = await Promise.all(processes.map((process) => host.stop(process, { withinMs })));
  if (gone.every((one) => one)) return;
  throw new UserError(`${dummy.name} outlived SIGKILL by ${withinMs / 1000} s`, {
    code: "will-not-stop",
    exitCode: exitCodes.notProved,
    hint: "its disk or kernel hangs: look with `ps -o pid,stat,wchan`",
  });
}

/** Role file off first, so that whoever starts the process again starts it detached; then a reload, or its end. */
async function takeOneOff(context: Context, dummy: Peer): Promise<void> {
  try {
    if (dummy === context.target || !context.staged.has(dummy)) {
      await stageRole(context, dummy, roleText(context, dummy, []));
    }
    context.staged.delete(dummy);
    if (isSettled(context, dummy)) return await enforceRole(context, dummy);
    await placeRole(context, dummy);
  } catch (error) {
    if (error instanceof UserError && error.exitCode === exitCodes.locked) throw error;
    context.notes.push(`${dummy.name} could not be told to detach and was stopped: ${messageOf(error)}`);
  }
  // One that nobody reaches may be starting just now.
  if (!dummy.absent || (await dummy.host.processes()).has(dummy.name)) await stopDummy(context, dummy);
}
