// Every way to flip that is compared, on the same running servers.

import { join } from "node:path";
import { cutoverEnvironment, cutoverPlan } from "../../infra/core/cutover-plan.ts";
import { lastActive } from "../../infra/core/history.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { endsWith, startProgram } from "../support/bounded-run.ts";
import type { TestStack } from "../support/stack.ts";
import { flipByHand, type HandRequest, type Safeties } from "./hand-flip.ts";

/** Flips a running stack from one publisher to another. */
export type Flip = (stack: TestStack, from: string, to: string) => Promise<void>;

/** By hand, in this process: nothing has to start, all code has run before. */
export const byHand =
  (safeties: Safeties = {}): Flip =>
  (stack, from, to) =>
    flipByHand(requestOf(stack, from, to, safeties));

/** By hand, in a process of its own for each flip. */
export const byHandAfresh: Flip = async (stack, from, to) => {
  const argv = [process.execPath, join(import.meta.dirname, "hand-process.ts")];
  const stdin = JSON.stringify(requestOf(stack, from, to, {}));
  await endsWith(0, startProgram(argv, { stdin, env: environment({}) }).ended);
};

/** natsby's own cutover, by the very command that Pulumi runs, in the folder in which it runs it. */
export const byNatsby: Flip = async ({ topology, clusterSecret, natsServer }, from, to) => {
  const plan = cutoverPlan({ ...topology, activePublisher: to });
  const argv = ["/bin/sh", "-c", "exec setsid --wait ../scripts/run cutover/main"];
  const env = environment({ ...cutoverEnvironment(plan), NATSBY_NATS_SERVER: natsServer });
  const stdin = JSON.stringify({ plan, clusterSecret });
  await endsWith(0, startProgram(argv, { cwd: join(projectRoot, "infra"), env, stdin }).ended);
  const active = lastActive(await readJournal(localHosts(topology.dataDir)));
  if (active !== to) throw new Error(`the cutover from ${from} to ${to} ended well, and ${active} is active`);
};

const requestOf = (
  { topology, clusterSecret }: TestStack,
  from: string,
  to: string,
  safeties: Safeties,
): HandRequest => ({
  ...{ topology, clusterSecret, from, to, safeties },
});

const environment = (more: Readonly<Record<string, string>>): Record<string, string> => ({
  ...(process.env as Record<string, string>),
  ...more,
});
