// Every coded problem, once: how bad it is, what it means, what natsby did about it, what to type. docs/problems.md is made from it.

import type { ProblemDefinition, Severity } from "./problem-definition.ts";
import { heardProblems } from "./problems-heard.ts";
import { hostProblems } from "./problems-hosts.ts";
import { refusedProblems } from "./problems-refused.ts";
import { seenProblems } from "./problems-seen.ts";
import { stoppedProblems } from "./problems-stopped.ts";
import { verbProblems } from "./problems-verbs.ts";

/** The registry, by code. Codes are a promise to scripts: they are never renamed. */
export const problems = {
  ...seenProblems,
  ...heardProblems,
  ...refusedProblems,
  ...stoppedProblems,
  ...verbProblems,
  ...hostProblems,
} satisfies Record<string, ProblemDefinition>;

export type ProblemCode = keyof typeof problems;

/** One problem as `status --json` shows it. */
export interface Problem {
  readonly code: ProblemCode;
  /** Name of the server, publisher or stack that it is about. */
  readonly about: string;
  readonly text: string;
  readonly hint: string;
}

/** A problem with its hint filled in; `values` are the other words in braces. */
export function problem(
  code: ProblemCode,
  about: string,
  text: string,
  values: Readonly<Record<string, string | number | null>> = {},
): Problem {
  const words: Readonly<Record<string, string | number | null>> = { about, ...values };
  const hint = problems[code].hint.replace(/\{(\w+)\}/g, (_, word: string) => String(words[word] ?? `<${word}>`));
  return { code, about, text, hint };
}

/** How bad this one is. */
export const severityOf = (code: ProblemCode): Severity => problems[code].severity;
