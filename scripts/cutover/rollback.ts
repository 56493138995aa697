// Rolls a flip back: the new dummy off and proved gone, then the old one on, if it is still healthy. Nobody heard is better than two.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { proveLinked } from "./attach.ts";
import type { Context } from "./context.ts";
import { proveQuiet, takeOff } from "./detach.ts";
import { describeUnquiet } from "./quiet.ts";
import { roleText, writeRole } from "./role.ts";

/** What a rollback came to. */
export interface RolledBack {
  readonly exitCode: ExitCode;
  readonly outcome: string;
}

/** Undoes a cutover that could not be finished. Never throws: its outcome is what it came to. */
export async function rollBack(context: Context): Promise<RolledBack> {
  try {
    await takeOff(context, [context.target]);
    const left = await proveQuiet(context, []);
    if (left.length > 0) {
      return { exitCode: exitCodes.notProved, outcome: `not proved that nobody is linked: ${describeUnquiet(left)}` };
    }
  } catch (error) {
    return { exitCode: exitCodes.notProved, outcome: `not proved that nobody is linked: ${messageOf(error)}` };
  }
  return putBack(context);
}

async function putBack(context: Context): Promise<RolledBack> {
  const { from } = context;
  const nobody = (why: string): RolledBack => ({ exitCode: exitCodes.nobodyActive, outcome: `NOBODY ACTIVE: ${why}` });
  if (from === null) return nobody("nobody was heard before either");
  const file = context.seen.dummies.get(from.name)?.roleFile;
  if (file === undefined || file.state !== "attached") return nobody(`${from.name} had no role to go back to`);
  try {
    await from.state();
    await writeRole(context, from, roleText(context, from, file.routes));
    await proveLinked(context, from);
    return { exitCode: exitCodes.incomplete, outcome: `rolled back: ${from.name} is heard again` };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === exitCodes.locked) throw error;
    return nobody(`${from.name} could not be put back: ${messageOf(error)}`);
  }
}
