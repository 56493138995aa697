// Runs the table of steps in order, one line of progress each, and turns a failure into what it means.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import type { FinishedEntry, StepRecord } from "../../infra/core/history.ts";
import type { Context } from "./context.ts";
import { failpoint } from "./failpoint.ts";
import { rollBack } from "./rollback.ts";
import type { Session } from "./session.ts";
import { type Step, steps } from "./steps.ts";

/** How a cutover ended. */
export interface Ending {
  readonly result: FinishedEntry["result"];
  readonly exitCode: ExitCode;
  /** One sentence; null where the target is proved active. */
  readonly problem: string | null;
  readonly hint: string | null;
  readonly records: readonly StepRecord[];
}

/** Runs every step. Never throws. */
export async function runSteps(context: Context, session: Session, show: (line: string) => void): Promise<Ending> {
  const records: StepRecord[] = [];
  const run = async (name: string, work: () => Promise<string>): Promise<void> => {
    const started = performance.now();
    const outcome = await work().catch((error: unknown) => {
      show(progress(name, performance.now() - started, `FAILED: ${messageOf(error)}`));
      throw error;
    });
    const ms = Math.round((performance.now() - started) * 10) / 10;
    records.push({ step: name, ms, outcome });
    show(progress(name, ms, outcome));
  };
  for (const step of steps) {
    try {
      if (step.onFailure === "refuse") session.check();
      failpoint("before", step.name);
      await run(step.name, () => step.run(context));
      failpoint("after", step.name);
    } catch (error) {
      if (step.onFailure === "note") context.notes.push(`${step.name}: ${messageOf(error)}`);
      else return { ...(await failed(context, step, error, run)), records };
    }
  }
  return { result: "active", exitCode: exitCodes.done, problem: null, hint: null, records };
}

type Failed = Omit<Ending, "records">;

async function failed(
  context: Context,
  step: Step,
  error: unknown,
  run: (name: string, work: () => Promise<string>) => Promise<void>,
): Promise<Failed> {
  const problem = `${step.name}: ${messageOf(error)}`;
  const hint = error instanceof UserError ? (error.hint ?? null) : null;
  if (!(error instanceof UserError))
    context.notes.push(`a bug: ${error instanceof Error ? error.stack : messageOf(error)}`);
  if (error instanceof UserError && error.exitCode === exitCodes.locked) {
    return { result: "superseded", exitCode: exitCodes.locked, problem, hint };
  }
  if (step.onFailure === "refuse") return { result: "refused", exitCode: exitCodes.refused, problem, hint };
  if (step.onFailure === "not proved") return { result: "not proved", exitCode: exitCodes.notProved, problem, hint };
  let rolledBack = { exitCode: exitCodes.nobodyActive as ExitCode, outcome: "not rolled back" };
  await run("roll back", async () => {
    rolledBack = await rollBack(context);
    return rolledBack.outcome;
  });
  const { exitCode, outcome } = rolledBack;
  return { result: results[exitCode] ?? "failed", exitCode, problem: `${outcome} (${problem})`, hint };
}

const results: Readonly<Record<number, FinishedEntry["result"]>> = {
  [exitCodes.notProved]: "not proved",
  [exitCodes.nobodyActive]: "nobody active",
  [exitCodes.incomplete]: "rolled back",
};

function progress(step: string, ms: number, outcome: string): string {
  return `${step.padEnd(10)} ${ms.toFixed(1).padStart(8)} ms  ${outcome}`;
}
