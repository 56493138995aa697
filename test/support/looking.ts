// Looking at a real stack in a test: short bounds, and problems as short words.

import { judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { observe } from "../../infra/observe/observe.ts";
import { type StackOptions, startStack, type TestStack } from "./stack.ts";

/** A stack with bounds short enough to run them out in a test. */
export async function startLookedAt(options: StackOptions = {}): Promise<TestStack> {
  const stack = await startStack(options);
  const timeouts = { ...stack.topology.timeouts, observe: 1_000, silence: 500 };
  return Object.assign(stack, { topology: { ...stack.topology, timeouts } });
}

export const look = (stack: TestStack): Promise<Observation> => observe(stack.topology, stack);

/** What is wrong, as `code about`, and every text and hint. */
export async function problemsOf(stack: TestStack): Promise<{ verdict: string; codes: string[]; texts: string }> {
  const { verdict, problems } = judge(stack.topology, await look(stack), { deployedActive: null });
  return {
    verdict,
    codes: problems.map(({ code, about }) => `${code} ${about}`),
    texts: problems.map(({ text, hint }) => `${text} | ${hint}`).join("\n"),
  };
}
