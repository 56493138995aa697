// The contract of `natsby switchover | failover | rejoin --json`, schema 1. Null where a fact could not be had.

import type { ExitCode } from "./exit-codes.ts";
import type { FinishedEntry, StepRecord, UpstreamRecord } from "./history.ts";

/** What a verb that changes who is heard did. */
export interface FlipResult {
  readonly schema: 1;
  readonly verb: "switchover" | "failover" | "rejoin";
  readonly stack: string;
  readonly exitCode: ExitCode;
  /** `already`: it was so before, and nothing was done. */
  readonly outcome: "done" | "already" | "failed";
  /** Who was heard before, and who is now; null: nobody, or not known. */
  readonly before: string | null;
  readonly after: string | null;
  readonly to: string;
  readonly epoch: number;
  readonly fenced: readonly string[];
  /** Of the cutover; null where none ran. */
  readonly ticket: number | null;
  readonly reason: string | null;
  /** What became of the stack's config. */
  readonly config: "unchanged" | "written" | "put back" | "stays armed" | "changed meanwhile";
  readonly problem: string | null;
  readonly ms: number;
  readonly upstreams: readonly UpstreamRecord[];
  readonly steps: readonly StepRecord[];
  readonly notes: readonly string[];
  /** What to type, in this order: what git should have, what is left to do. */
  readonly next: readonly string[];
}

/** The part of a result that the journal tells. */
export function cutoverPart(entry: FinishedEntry | null): Pick<FlipResult, "ticket" | "upstreams" | "steps" | "notes"> {
  const { ticket = null, upstreams = [], steps = [], notes = [] } = entry ?? {};
  return { ticket, upstreams, steps, notes };
}
