// The section `growth`: how gap, flip and status grow with upstreams and with publishers.

import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { endsWith } from "../support/bounded-run.ts";
import { makeProject, type Project } from "../support/project.ts";
import type { TestStack } from "../support/stack.ts";
import { rate, startWatched } from "./bench-stack.ts";
import { byHand, byNatsby } from "./flip-kinds.ts";
import { linePlot } from "./plot.ts";
import { type Section, table } from "./section.ts";
import { countsOf, type FlipSeen, flipInTurn, worstGapsOf } from "./series.ts";
import { medianOf, rounded, sum, summarise } from "./statistics.ts";

/** One size of a stack. */
interface Size {
  readonly upstreams: number;
  readonly publishers: number;
}

/** What was measured. */
export interface GrowthData {
  readonly sizes: readonly (Size & {
    readonly flips: readonly FlipSeen[];
    /** Milliseconds of each `natsby status`. */
    readonly statusMs: readonly number[];
  })[];
}

const hand = "by hand";
const natsby = "natsby";
const sizes: readonly Size[] = [
  ...[1, 2, 4, 8].map((upstreams) => ({ upstreams, publishers: 2 })),
  ...[4, 8].map((publishers) => ({ upstreams: 2, publishers })),
];

export const growth: Section<GrowthData> = {
  name: "growth",
  title: "Growth with upstreams and publishers",

  async measure(scale, say) {
    await using project = makeProject();
    const measured: GrowthData["sizes"][number][] = [];
    for (const size of scale.isQuick ? sizes.slice(0, 2) : sizes) {
      const at = `${size.upstreams} upstreams, ${size.publishers} publishers`;
      const over = { stack: "growth", cluster: `${project.name}-growth` };
      await using watched = await startWatched({ ...size, over });
      const kinds = { [hand]: byHand(), [natsby]: byNatsby };
      const flips = await flipInTurn(watched, kinds, scale.isQuick ? 3 : 10, (line) => say(`${at}: ${line}`));
      const active = (await watched.witness.glance())[0]?.hearing ?? "";
      measured.push({ ...size, flips, statusMs: await timeStatus(project, watched.stack, active) });
    }
    return { sizes: measured };
  },

  targets: () => [],

  render({ sizes }) {
    return [
      `Every publisher sends ${rate.toLocaleString("en")} messages a second; the gap is the longest of all upstreams in a flip. In milliseconds.`,
      "",
      "![growth with upstreams](benchmarks-upstreams.svg)",
      "",
      "![growth with publishers](benchmarks-publishers.svg)",
      "",
      ...table(
        [
          "upstreams, publishers",
          "flips",
          "gap by hand",
          "gap",
          "p95",
          "max",
          "of the floor",
          "doubled",
          "whole flip",
          "`natsby status`",
        ],
        sizes.map(rowOf),
      ),
    ];
  },

  pictures({ sizes }) {
    const plotOf = (by: keyof Size, other: keyof Size) => {
      const shown = sizes.filter((size) => size[other] === 2).toSorted((a, b) => a[by] - b[by]);
      const line = (kind: string) => ({
        label: kind,
        isOwn: kind === natsby,
        points: shown.map((size) => [size[by], medianOf(worstGapsOf(size.flips, kind))] as const),
      });
      return linePlot(`Gap of a flip, by number of ${by}`, { x: by, y: "ms, median" }, [line(hand), line(natsby)]);
    };
    return {
      "benchmarks-upstreams.svg": plotOf("upstreams", "publishers"),
      "benchmarks-publishers.svg": plotOf("publishers", "upstreams"),
    };
  },
};

function rowOf({ upstreams, publishers, flips, statusMs }: GrowthData["sizes"][number]): readonly string[] {
  const own = flips.filter(({ kind }) => kind === natsby);
  const bare = medianOf(worstGapsOf(flips, hand));
  const { median, p95, max } = summarise(worstGapsOf(flips, natsby));
  return [
    ...[`${upstreams}, ${publishers}`, String(own.length), rounded(bare), rounded(median), rounded(p95), rounded(max)],
    ...[(median / bare).toFixed(2), String(sum(countsOf(flips, natsby, "doubled")))],
    ...[rounded(medianOf(own.map(({ ms }) => ms))), rounded(medianOf(statusMs))],
  ];
}

/** Has `natsby status` look at a stack that Pulumi does not know, from a config file of its own. */
async function timeStatus(
  project: Project,
  { topology }: TestStack,
  activePublisher: string,
): Promise<readonly number[]> {
  const { dataDir } = topology;
  const upstreams = topology.upstreams.map(({ name, clientPort, clusterPort, monitorPort }) => {
    return { name, clientPort, clusterPort, monitorPort };
  });
  const publishers = topology.publishers.map(({ name, dummy: { clientPort, monitorPort } }) => {
    return { name, clientPort, monitorPort };
  });
  const clusterSecret = { secure: "v1:AAAA:AAAA" };
  const values = { dataDir, basePort: 4222, clusterSecret, activePublisher, upstreams, publishers };
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`${project.name}:${key}`, value]));
  writeFileSync(`${project.path}/stacks/Pulumi.growth.yaml`, stringify({ config }));
  const ms: number[] = [];
  for (let run = 0; run < 4; run++) {
    const started = performance.now();
    await endsWith(0, project.run(["scripts/run", "natsby", "status", "--stack", "growth"]));
    ms.push(performance.now() - started);
  }
  // The first compiles what the others find compiled.
  return ms.slice(1);
}
