// The last word of a verb that changed who is heard: its result in JSON or as tables, and what went wrong, with what to type.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { cutoverPart, type FlipResult } from "../../infra/core/flip-result.ts";
import { heardOf, silentUpstreams } from "../../infra/core/heard.ts";
import type { FinishedEntry } from "../../infra/core/history.ts";
import type { StatusJson } from "../../infra/core/status.ts";
import { flipTable } from "../render/flip-table.ts";
import type { Output } from "../render/output.ts";
import type { Up } from "./up.ts";

/** What a verb knows at its end. */
export interface Ended
  extends Pick<FlipResult, "verb" | "to" | "exitCode" | "reason" | "config" | "problem" | "next" | "outcome"> {
  readonly startedAt: number;
  readonly before: StatusJson;
  readonly after: StatusJson;
  readonly entry: FinishedEntry | null;
}

/** How a cutover that a verb ran, by Pulumi or directly, ends the verb. */
export function endOf({ exitCode, entry, words }: Up): Pick<Ended, "exitCode" | "entry" | "problem" | "outcome"> {
  const done = exitCode === exitCodes.done;
  return { exitCode, entry, problem: done ? null : words, outcome: done ? "done" : "failed" };
}

/** Prints it. Resolves with the exit code. */
export function tell(ended: Ended, json: boolean, output: Output): ExitCode {
  const { before, after, entry } = ended;
  const result = resultOf(ended);
  output.print(
    json ? `${JSON.stringify(result, null, 2)}\n` : flipTable({ result, before, after, entry }, output.paint),
  );
  if (result.problem !== null) output.tell(`natsby: ${result.problem}\n`);
  return result.exitCode;
}

function resultOf(ended: Ended): FlipResult {
  const { before, after, entry, startedAt } = ended;
  const { verb, to, exitCode, outcome, reason, config, problem, next } = ended;
  return {
    schema: 1,
    verb,
    stack: after.stack,
    exitCode,
    outcome,
    before: publisherHeard(before),
    after: publisherHeard(after),
    to,
    epoch: after.epoch,
    fenced: after.fenced,
    reason,
    config,
    problem,
    ms: Math.round(performance.now() - startedAt),
    ...cutoverPart(entry),
    next,
  };
}

function publisherHeard(status: StatusJson): string | null {
  const heard = heardOf(status, silentUpstreams(status));
  return heard.who === "one" ? heard.publisher : null;
}
