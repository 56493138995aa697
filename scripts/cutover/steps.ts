// The cutover as one table, in its order: what each step does and what its failure means. Code, progress lines and kill tests come from it.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { attach, prove } from "./attach.ts";
import { connect, observe } from "./begin.ts";
import { claim } from "./claim.ts";
import type { Context } from "./context.ts";
import { proveQuiet, takeOff, toDetach } from "./detach.ts";
import { fence } from "./fence.ts";
import { comeBack, finish, stage } from "./follow-up.ts";
import { fresh, takeStamps } from "./fresh.ts";
import { journalBegun, journalQuiet } from "./journal.ts";
import { mesh } from "./mesh.ts";
import { pinDummies, unpinDropped } from "./pins.ts";
import { preflight } from "./preflight.ts";
import { describeUnquiet } from "./quiet.ts";
import { isWanted, mayStay } from "./settled.ts";

/** What the failure of a step means for those after it. */
export type OnFailure =
  /** Nothing was changed: exit 3. */
  | "refuse"
  /** The old publisher may still be heard: nothing is attached, exit 4. */
  | "not proved"
  /** Nobody is heard or the new one is not proved: put the old one back, exit 6, or say that nobody is, exit 5. */
  | "roll back"
  /** The new one is proved active: what is left to do is said, exit 0. */
  | "note";

/** One step of the cutover. Run again, each looks first and says "already". */
export interface Step {
  readonly name: string;
  readonly does: string;
  readonly onFailure: OnFailure;
  /** Nobody is heard while it runs, in a plain flip. @default false */
  readonly isInGap?: boolean;
  /** What it did or found, in words. */
  run(context: Context): Promise<string>;
}

/** Every step, in order. Detach before attach: a moment with no publisher is survivable, a moment with two is not. */
export const steps: readonly Step[] = [
  { name: "connect", does: "opens a warm connection to every server", onFailure: "refuse", run: connect },
  { name: "claim", does: "takes a ticket higher than any seen, on every host", onFailure: "refuse", run: claim },
  { name: "observe", does: "looks at every server and role file", onFailure: "refuse", run: observe },
  { name: "preflight", does: "refuses what can be known beforehand", onFailure: "refuse", run: preflight },
  { name: "stage", does: "writes and tests the new role files beside the old", onFailure: "refuse", run: stage },
  { name: "mesh", does: "lets new upstreams in", onFailure: "refuse", run: mesh },
  { name: "journal", does: "notes what is about to happen", onFailure: "refuse", run: journalBegun },
  {
    name: "fence",
    does: "takes the pins of who was given up out at every upstream",
    onFailure: "not proved",
    run: fence,
  },
  { name: "detach", does: "takes every dummy but the target off", onFailure: "not proved", isInGap: true, run: detach },
  {
    name: "quiet",
    does: "proves at every upstream that nobody is linked",
    onFailure: "not proved",
    isInGap: true,
    run: quiet,
  },
  {
    name: "pins in",
    isInGap: true,
    does: "starts a target that was stopped, lets dummies in that read back detached",
    onFailure: "roll back",
    run: pinsIn,
  },
  {
    name: "fresh",
    does: "waits until the standby heard what was heard last",
    onFailure: "roll back",
    isInGap: true,
    run: freshStep,
  },
  {
    name: "attach",
    does: "puts the target's role file in place",
    onFailure: "roll back",
    isInGap: true,
    run: attachStep,
  },
  { name: "prove", does: "proves the link and a message at every upstream", onFailure: "roll back", run: prove },
  { name: "pins out", does: "takes out the pins of what the config dropped", onFailure: "note", run: pinsOut },
  { name: "record", does: "restarts what was stopped, writes the journal", onFailure: "note", run: finish },
];

const already = "already";

/** Whether the target is what it should be since before this run: then it stays attached all through, and a rollback has nothing to undo. */
function stays(context: Context): boolean {
  return isWanted(context, context.target, context.seen);
}

async function detach(context: Context): Promise<string> {
  const dummies = toDetach(context);
  await takeOff(context, dummies);
  return dummies.length === 0 ? already : `${dummies.map(({ name }) => name).join(", ")} taken off`;
}

async function quiet(context: Context): Promise<string> {
  const staying = mayStay(context) ? [context.target] : [];
  const left = await proveQuiet(context, staying);
  if (left.length > 0) {
    throw new UserError(`not proved that nobody is linked: ${describeUnquiet(left)}`, {
      code: "not-quiet",
      exitCode: exitCodes.notProved,
      hint: "nothing was attached; see to that server, then run `pulumi up` again",
    });
  }
  if (!stays(context)) await takeStamps(context);
  journalQuiet(context);
  return `nobody ${staying.length > 0 ? `but ${context.target.name} ` : ""}is linked at ${context.upstreams.map(({ name }) => name).join(", ")}`;
}

async function pinsIn(context: Context): Promise<string> {
  if (context.stopped.has(context.target)) await comeBack(context, context.target);
  const changed = await pinDummies(context);
  return changed.length === 0 ? already : `dummies' pins written at ${changed.join(", ")}`;
}

async function freshStep(context: Context): Promise<string> {
  return stays(context) ? already : fresh(context);
}

async function attachStep(context: Context): Promise<string> {
  return stays(context) ? already : attach(context);
}

async function pinsOut(context: Context): Promise<string> {
  const changed = await unpinDropped(context);
  return changed.length === 0 ? already : `pins written at ${changed.join(", ")}`;
}
