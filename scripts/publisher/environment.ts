// What the reference publisher is told by its environment, as every publisher is: where to publish, as whom, and what.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { concreteSubjects, subjectProblem } from "../../infra/core/subjects.ts";

/** What to publish, and where. */
export interface PublisherOptions {
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Without wildcards. */
  readonly subjects: readonly string[];
  /** Messages a second per subject. */
  readonly rate: number;
}

/** Reads the environment. Throws one UserError that names every variable that is missing or wrong. */
export function publisherOptions(env: Readonly<Record<string, string | undefined>>): PublisherOptions {
  const { NATS_URL: url = "", NATS_USER: user = "", NATS_PASSWORD: password = "" } = env;
  const { NATSBY_PUBLISHER: name = user, NATSBY_SUBJECTS: list = '["test"]', NATSBY_RATE = "10" } = env;
  const subjects = subjectsOf(list);
  const rate = Number(NATSBY_RATE);
  const problems = [
    ...(URL.canParse(url) && url.startsWith("nats://") ? [] : ["NATS_URL is not like nats://127.0.0.1:4422"]),
    ...(user === "" ? ["NATS_USER is missing"] : []),
    ...(subjects === null ? ['NATSBY_SUBJECTS is not a JSON list of subjects, as in ["test"]'] : []),
    ...(Number.isInteger(rate) && rate > 0 ? [] : ["NATSBY_RATE is not a whole number of messages a second"]),
  ];
  if (problems.length > 0 || subjects === null) throw wrong(problems);
  return { name, url, user, password, subjects, rate };
}

/** Subjects to publish on, from a JSON list that may hold wildcards; null where it is no such list. */
export function subjectsOf(json: string): readonly string[] | null {
  try {
    const list: unknown = JSON.parse(json);
    const isSubject = (subject: unknown) => typeof subject === "string" && subjectProblem(subject) === null;
    return Array.isArray(list) && list.length > 0 && list.every(isSubject) ? concreteSubjects(list) : null;
  } catch {
    return null;
  }
}

function wrong(problems: readonly string[]): UserError {
  return new UserError(`The publisher cannot start: ${problems.join("; ")}.`, {
    hint: "natsby sets these variables for every publisher of a stack.",
    exitCode: exitCodes.usage,
  });
}
