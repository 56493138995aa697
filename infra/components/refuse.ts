// How the program ends when it refuses: a UserError is shown as what it is; anything else is a bug and keeps its stack.

import * as pulumi from "@pulumi/pulumi";
import { messageOf, UserError } from "../core/errors.ts";

/** Does `work`, or ends the program with what it refused. */
export function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuse(error);
  }
}

/** Ends the program. */
export function refuse(error: unknown): never {
  if (!(error instanceof UserError)) throw error;
  const hint = error.hint === undefined ? "" : `\n  try: ${error.hint}`;
  const see = error.code === "refused" ? "" : `\n  see: docs/problems.md, ${error.code}`;
  throw new pulumi.RunError(`natsby exit ${error.exitCode}: ${messageOf(error)}${hint}${see}`);
}
