// Reads a workflow of GitHub Actions and runs the shell steps of one job as a runner does, on this machine. It knows of
// expressions what natsby's workflows use, and refuses the rest.

import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { parse } from "yaml";
import type { Ran } from "./bounded-run.ts";
import type { Project } from "./project.ts";
import { textOf } from "./project-files.ts";

/** One step: a shell script or somebody's action. */
export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** One job. */
export interface Job {
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

/** A workflow. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What expressions may speak of: `vars.A`, `secrets.A`, `github.…`. */
export interface Contexts {
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly github?: object;
}

/** How a step of a job ended. */
export interface StepRan extends Ran {
  readonly name: string;
}

export const readWorkflow = (name: string): Workflow => parse(textOf(join(".github/workflows", name)));

/** The value of an expression; what is not set is an empty text. */
export function evaluate(expression: string, { vars = {}, secrets = {}, github = {} }: Contexts): unknown {
  const orEmpty = (values: Readonly<Record<string, string>>): object =>
    new Proxy(values, { get: (target, key) => target[String(key)] ?? "" });
  return runInNewContext(expression, { vars: orEmpty(vars), secrets: orEmpty(secrets), github });
}

/** Runs the job's shell steps in the project's folder, all but those that `skip` names; after a failure only `always()`. */
export async function runJob(
  project: Project,
  workflow: Workflow,
  name: string,
  contexts: Contexts,
  skip: readonly string[] = [],
): Promise<readonly StepRan[]> {
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`there is no job ${name}`);
  if (workflow.defaults?.run.shell !== "bash") throw new Error("only bash is known here");
  const ran: StepRan[] = [];
  for (const step of job.steps) {
    if (step.run === undefined || skip.includes(step.name ?? "")) continue;
    if (ran.some(({ code }) => code !== 0) && step.if !== "always()") continue;
    const env = { CI: "true", ...filled({ ...workflow.env, ...job.env, ...step.env }, contexts) };
    const argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.run];
    ran.push({ name: step.name ?? "", ...(await project.run(argv, { env })) });
  }
  return ran;
}

const filled = (env: Readonly<Record<string, string>>, contexts: Contexts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      String(value).replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluate(expression, contexts))),
    ]),
  );
