// The section `docker`: the gap of a flip between containers beside that of processes, in the same run, and how long `pulumi up` takes.

import { endsWith } from "../support/bounded-run.ts";
import { DockerStack } from "../support/docker-stack.ts";
import { noEngine } from "../support/engine.ts";
import { publishersAt } from "../support/project.ts";
import { flipByPulumi, localGaps, timed } from "./flips-by-pulumi.ts";
import { type Section, table } from "./section.ts";
import { rounded, summarise } from "./statistics.ts";

/** What was measured. */
export interface DockerData {
  /** Gaps of a stack of processes of this machine, with its publishers at the same rate. */
  readonly localGapsMs: readonly number[];
  readonly gapsMs: readonly number[];
  /** `pulumi up` of the whole stack on an engine that has built the images before. */
  readonly firstUpMs: readonly number[];
  readonly flipMs: readonly number[];
  readonly nothingMs: readonly number[];
  readonly doubled: number;
}

/** Messages a second. */
const rate = 500;
const bounds = { timesLocal: 1.5, flipMs: 4_000, firstUpMs: 40_000 };

export const docker: Section<DockerData> = {
  name: "docker",
  title: "Containers",

  async measure(scale, say) {
    const hindrance = noEngine();
    if (hindrance !== null) throw new Error(`no Docker engine can be started here: ${hindrance}`);
    const flips = scale.flips(20);
    const localGapsMs = await localGaps(rate, "between processes", flips, say);
    await using stack = await DockerStack.prepare({ publishers: publishersAt(rate) });
    await endsWith(0, stack.project.natsby(["init", "local"]));
    const firstUpMs = await firstUps(stack, scale.isQuick ? 1 : 3, say);
    await using witness = await stack.project.witness();
    await witness.hears("publisher0", 20_000);
    return { localGapsMs, firstUpMs, ...(await flipByPulumi(stack.project, witness, flips, say)) };
  },

  targets({ localGapsMs, gapsMs, firstUpMs, flipMs, doubled }) {
    const [local, gap, flip, first] = [localGapsMs, gapsMs, flipMs, firstUpMs].map((all) => summarise(all).median);
    const most = bounds.timesLocal * (local ?? 0);
    const seconds = (ms = 0): string => `${rounded(ms / 1_000)} s`;
    return [
      {
        what: "gap between containers, median",
        bound: `${bounds.timesLocal} times that of processes: ${rounded(most)} ms`,
        measured: `${rounded(gap ?? 0)} ms`,
        isReached: (gap ?? 0) <= most,
      },
      {
        what: "`pulumi up -f` with a flip between containers, median",
        bound: seconds(bounds.flipMs),
        measured: seconds(flip),
        isReached: (flip ?? 0) <= bounds.flipMs,
      },
      {
        what: "first `pulumi up` of a stack of containers, images built before, median",
        bound: seconds(bounds.firstUpMs),
        measured: seconds(first),
        isReached: (first ?? 0) <= bounds.firstUpMs,
      },
      {
        what: `doubled messages in ${flipMs.length} flips between containers`,
        bound: "0",
        measured: String(doubled),
        isReached: doubled === 0,
      },
    ];
  },

  render({ localGapsMs, gapsMs, firstUpMs, flipMs, nothingMs }) {
    const line = (what: string, all: readonly number[]): readonly string[] => {
      const { median, p95, max } = summarise(all);
      return [what, String(all.length), ...[median, p95, max].map(rounded)];
    };
    return [
      `A Docker engine of this machine's with two upstreams and two reference publishers at ${rate} messages a second, flips by`,
      "`pulumi up -f`; all in milliseconds. Gaps are one a flip and upstream, seen by a raw socket, those of processes in the same run.",
      "",
      ...table(
        ["", "times", "median", "p95", "max"],
        [
          line("gap between containers", gapsMs),
          line("gap between processes", localGapsMs),
          line("up with a flip", flipMs),
          line("up, nothing to do", nothingMs),
          line("first up", firstUpMs),
        ],
      ),
    ];
  },

  pictures: () => ({}),
};

/** The stack is there in the end. Images are gone with a stack, what they were built from is kept by the engine until then: so they are built first. */
async function firstUps({ project, engine }: DockerStack, times: number, say: (line: string) => void) {
  const all: number[] = [];
  await endsWith(0, project.up());
  for (const image of await builtBy(engine)) await engine.docker(["tag", image, image.replace(":", "-kept:")]);
  for (let round = 0; round < times; round++) {
    await endsWith(0, project.pulumi(["destroy", "--yes", "--skip-preview"]));
    all.push(await timed(project.up()));
    say(`first up ${round + 1} of ${times}: ${rounded((all.at(-1) ?? 0) / 1_000)} s`);
  }
  return all;
}

async function builtBy(engine: DockerStack["engine"]): Promise<readonly string[]> {
  const said = await engine.docker(["images", "--format", "{{.Repository}}:{{.Tag}}"]);
  return said.split("\n").filter((name) => /-(server-[\d.]+|publisher):/.test(name));
}
