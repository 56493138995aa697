// Runs the table of steps in order, one line of progress each, and turns a failure into what it means.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import type { FinishedEntry, StepRecord } from "../../infra/core/history.ts";
import type { ProblemCode } from "../../infra/core/problems.ts";
import type { Context } from "./context.ts";
import { failpoint } from "./failpoint.ts";
import type { ProgressLines } from "./progress-lines.ts";
import { type RolledBack, rollBack } from "./rollback.ts";
import type { Session } from "./session.ts";
import { mayStay } from "./settled.ts";
import { type Step, steps } from "./steps.ts";

/** How a cutover ended. */
export interface Ending {
  readonly result: FinishedEntry["result"];
  readonly exitCode: ExitCode;
  /** One sentence; null where the target is proved active. */
  readonly problem: string | null;
  readonly hint: string | null;
  /** What it is looked up by; null where it is a bug, or the target is proved active. */
  readonly code: ProblemCode | null;
  readonly records: readonly StepRecord[];
}

/** Runs every step. Never throws. */
export async function runSteps(context: Context, session: Session, lines: ProgressLines): Promise<Ending> {
  const records: StepRecord[] = [];
  const run: Run = async (name, work, isInGap = false) => {
    const started = performance.now();
    const outcome = await work().catch((error: unknown) => {
      lines.show(progress(name, performance.now() - started, `FAILED: ${messageOf(error)}`), false);
      throw error;
    });
    const ms = Math.round((performance.now() - started) * 10) / 10;
    records.push({ step: name, ms, outcome });
    lines.show(progress(name, ms, outcome), isInGap);
  };
  const tell = () => lines.flush();
  for (const step of steps) {
    try {
      failpoint("before", step.name, tell);
      if (step.onFailure === "refuse") await session.check();
      await run(step.name, () => step.run(context), step.isInGap);
      failpoint("after", step.name, tell);
    } catch (error) {
      if (step.onFailure === "note" && !isLocked(error)) context.notes.push(`${step.name}: ${messageOf(error)}`);
      else return { ...(await failed(context, step, error, run)), code: codeOf(error), records };
    }
  }
  return { result: "active", exitCode: exitCodes.done, problem: null, hint: null, code: null, records };
}

type Run = (name: string, work: () => Promise<string>, isInGap?: boolean) => Promise<void>;
type Failed = Omit<Ending, "records" | "code">;

const codeOf = (error: unknown): ProblemCode | null => (error instanceof UserError ? error.code : null);

/** What it means that this step failed. */
async function failed(context: Context, step: Step, error: unknown, run: Run): Promise<Failed> {
  const problem = `${step.name}: ${messageOf(error)}`;
  const hint = error instanceof UserError ? (error.hint ?? null) : null;
  if (!(error instanceof UserError))
    context.notes.push(`a bug: ${error instanceof Error ? error.stack : messageOf(error)}`);
  if (isLocked(error)) return { result: "superseded", exitCode: exitCodes.locked, problem, hint };
  if (step.onFailure === "refuse") {
    const exitCode = error instanceof UserError ? exitCodes.refused : exitCodes.internal;
    return { result: "refused", exitCode, problem, hint };
  }
  if (step.onFailure === "not proved") return { result: "not proved", exitCode: exitCodes.notProved, problem, hint };
  if (mayStay(context))
    return { result: "failed", exitCode: exitCodes.incomplete, problem: kept(context, problem), hint };
  return rolledBack(context, problem, hint, run);
}

async function rolledBack(context: Context, problem: string, hint: string | null, run: Run): Promise<Failed> {
  let ended: RolledBack = { exitCode: exitCodes.notProved, outcome: "not rolled back" };
  try {
    await run("roll back", async () => {
      ended = await rollBack(context);
      return ended.outcome;
    });
  } catch (error) {
    if (isLocked(error)) return { result: "superseded", exitCode: exitCodes.locked, problem: messageOf(error), hint };
    ended = { exitCode: exitCodes.notProved, outcome: `the rollback ended with a bug: ${messageOf(error)}` };
  }
  const { exitCode, outcome } = ended;
  return { result: results[exitCode] ?? "failed", exitCode, problem: `${outcome} (${problem})`, hint };
}

/** It was linked before this run and nothing here took it off: taking it off now would only silence it. */
const kept = ({ topology }: Context, problem: string): string =>
  `${topology.activePublisher} was attached all the time and stays so (${problem})`;

const isLocked = (error: unknown): boolean => error instanceof UserError && error.exitCode === exitCodes.locked;

const results: Readonly<Record<number, FinishedEntry["result"]>> = {
  [exitCodes.notProved]: "not proved",
  [exitCodes.nobodyActive]: "nobody active",
  [exitCodes.incomplete]: "rolled back",
};

function progress(step: string, ms: number, outcome: string): string {
  return `${step.padEnd(10)} ${ms.toFixed(1).padStart(8)} ms  ${outcome}`;
}
