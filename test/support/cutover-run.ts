// Runs the cutover as Pulumi's command does, on a stack without Pulumi: request on stdin, and what came of it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cutoverPlan } from "../../infra/core/cutover-plan.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { type Ran, type Running, startProgram } from "./bounded-run.ts";
import type { TestStack } from "./stack.ts";
import { until } from "./until.ts";

/** What is put over the usual. */
export interface CutoverOptions {
  /** Where it is killed or stopped: `after:detach`, `before:attach:SIGSTOP`. @default nowhere */
  readonly failpoint?: string;
  /** Over the stack's topology: bounds, `maxLag`. @default nothing */
  readonly over?: Partial<Topology>;
}

/** Starts a cutover to this publisher. */
function startCutover(stack: TestStack, to: string, options: CutoverOptions = {}): Running {
  const topology = { ...stack.topology, ...options.over, activePublisher: to };
  const env = { ...(process.env as Record<string, string>) };
  if (options.failpoint !== undefined) env.NATSBY_FAILPOINT = options.failpoint;
  const stdin = JSON.stringify({ plan: cutoverPlan(topology), clusterSecret: stack.clusterSecret });
  return startProgram([join(projectRoot, "scripts/run"), "cutover/main"], { env, stdin, withinMs: 60_000 });
}

/** Runs one to its end, whatever that is. */
export const cutOver = (stack: TestStack, to: string, options?: CutoverOptions): Promise<Ran> =>
  startCutover(stack, to, options).ended;

/** Starts one that stops itself at `point` (`before:quiet`), and returns when it did: SIGCONT lets it go on. */
export async function pausedCutover(
  stack: TestStack,
  to: string,
  point: string,
  options: CutoverOptions = {},
): Promise<Running> {
  const running = startCutover(stack, to, { ...options, failpoint: `${point}:SIGSTOP` });
  const ended = running.ended.then(
    ({ output }) => output,
    (error: Error) => error.message,
  );
  const stopped = async () => /^State:\tT/m.test(readFileSync(`/proc/${running.pid}/status`, "utf8"));
  const early = ended.then((output) => {
    throw new Error(`it ended before ${point}: ${output}`);
  });
  await Promise.race([until(`the cutover stops ${point}`, stopped, 30_000), early]);
  early.catch(() => undefined);
  return running;
}
