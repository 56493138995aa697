// The two kinds of failure: a UserError says what is wrong and what to type; anything else is a bug and keeps its stack.

import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { ProblemCode } from "./problems.ts";

/** What a {@link UserError} carries besides its text. */
export interface UserErrorOptions extends ErrorOptions {
  /** What to do about it: a command to type, or a value to change. */
  readonly hint?: string;
  /** Stable code of the problem, as listed in docs/problems.md. @default "refused" */
  readonly code?: ProblemCode;
  /** What the process ends with. @default 3 (refused, nothing changed) */
  readonly exitCode?: ExitCode;
}

/** Something the user can mend: printed as problem and hint, never with a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly hint: string | undefined;
  readonly code: ProblemCode;
  readonly exitCode: ExitCode;

  constructor(problem: string, { hint, code = "refused", exitCode = exitCodes.refused, cause }: UserErrorOptions = {}) {
    super(problem, cause === undefined ? undefined : { cause });
    this.hint = hint;
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
