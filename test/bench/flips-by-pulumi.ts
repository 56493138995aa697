// Flips by `pulumi up` on a stack of whatever platform, each followed by one with nothing to do; and the gaps of processes beside them.

import { setTimeout as sleep } from "node:timers/promises";
import { endsWith } from "../support/bounded-run.ts";
import type { Project } from "../support/project.ts";
import type { Witness, Witnessed } from "../support/witness.ts";
import { startWatched } from "./bench-stack.ts";
import { byNatsby } from "./flip-kinds.ts";
import { flipInTurn, gapsOf } from "./series.ts";
import { rounded, sum } from "./statistics.ts";

/** As it is typed in a pipeline. */
export const up = ["pulumi", "up", "-f", "--non-interactive", "--suppress-outputs"] as const;

/** What one command may take. */
export const withinMs = 180_000;

/** What was seen of some flips. */
export interface FlipsByPulumi {
  /** One a flip and upstream. */
  readonly gapsMs: readonly number[];
  readonly flipMs: readonly number[];
  readonly nothingMs: readonly number[];
  readonly doubled: number;
}

/** Of one flip, where it was exactly one publisher after the other. */
export const gapsIn = (seen: readonly Witnessed[]): readonly number[] =>
  seen.flatMap(({ handovers }) => (handovers.length === 1 ? handovers.map(({ gapMs }) => gapMs) : []));

/** Flips to and fro between the first two publishers. */
export async function flipByPulumi(
  project: Project,
  witness: Witness,
  flips: number,
  say: (line: string) => void,
): Promise<FlipsByPulumi> {
  const env = await project.tools();
  const run = (argv: readonly [string, ...string[]]) => timed(endsWith(0, project.run(argv, { env, withinMs })));
  const [gapsMs, flipMs, nothingMs]: [number[], number[], number[]] = [[], [], []];
  let doubled = 0;
  for (let round = 0; round < flips; round++) {
    const to = (await witness.glance())[0]?.hearing === "publisher0" ? "publisher1" : "publisher0";
    await run(["pulumi", "config", "set", "activePublisher", to]);
    await witness.take();
    flipMs.push(await run(up));
    await sleep(200);
    const seen = await witness.take();
    const gaps = gapsIn(seen);
    gapsMs.push(...gaps);
    doubled += sum(seen.map((at) => at.doubled));
    nothingMs.push(await run(up));
    say(
      `${round + 1} of ${flips}: gap ${gaps.map(rounded).join("/")} ms, up ${rounded((flipMs.at(-1) ?? 0) / 1_000)} s`,
    );
  }
  return { gapsMs, flipMs, nothingMs, doubled };
}

/** Gaps of a stack of processes of this machine. @param rate messages a second @param kind what they are called in the progress */
export async function localGaps(
  rate: number,
  kind: string,
  flips: number,
  say: (line: string) => void,
): Promise<readonly number[]> {
  await using watched = await startWatched({ rate });
  return gapsOf(await flipInTurn(watched, { [kind]: byNatsby }, flips, say), kind);
}

/** In milliseconds. */
export async function timed(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}
