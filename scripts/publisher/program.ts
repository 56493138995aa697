// Which program a publisher is: the user's own, or the reference publisher. Starts nothing.

import type { Argv } from "../../infra/core/argv.ts";
import type { PublisherPlan } from "../../infra/core/plan.ts";
import { projectRoot } from "../toolchain/paths.ts";

/** The argument list that runs a publisher. */
export function publisherProgram({ command }: Pick<PublisherPlan, "command">): Argv {
  const [program, ...args] = command ?? [];
  return program === undefined ? [`${projectRoot}/scripts/run`, "publisher/main"] : [program, ...args];
}
