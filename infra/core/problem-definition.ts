// What the registry of problems holds of each code.

import type { ExitCode } from "./exit-codes.ts";

/**
 * How bad a problem is, mildest first. `note`: nothing is wrong. `stopped`: a run of natsby ended with it.
 * The others are verdicts: the worst problem that is seen is the stack's verdict.
 */
export type Severity = "note" | "drift" | "degraded" | "unknown" | "silent" | "doubled" | "stopped";

/** What is known of a code. */
export interface ProblemDefinition {
  readonly severity: Severity;
  readonly meaning: string;
  /** What natsby did when it met it. */
  readonly did: string;
  /** What to type or change; `{about}` and other words in braces are filled in. */
  readonly hint: string;
  /** What a run that it stopped ends with: several, where it depends on how far that was. @default 3 (refused) */
  readonly exits?: readonly ExitCode[];
}
