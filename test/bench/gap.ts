// The section `gap`: natsby's cutover beside a flip by hand on the same running servers, and the price of each safety.

import type { FinishedEntry } from "../../infra/core/history.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import type { TestStack } from "../support/stack.ts";
import { rate, startWatched, withoutCompression, withoutTls } from "./bench-stack.ts";
import { byHand, byHandAfresh, byNatsby, type Flip } from "./flip-kinds.ts";
import { dotPlot } from "./plot.ts";
import { type Scale, type Section, table } from "./section.ts";
import { countsOf, type FlipSeen, flipInTurn, gapsOf } from "./series.ts";
import { medianOf, rounded, sum, summarise } from "./statistics.ts";

/** What was measured. */
export interface GapData {
  readonly flips: readonly FlipSeen[];
  /** Milliseconds of each step of natsby's cutovers. */
  readonly steps: Readonly<Record<string, readonly number[]>>;
}

const floor = "by hand";
const natsby = "natsby";
const withTls: Readonly<Record<string, Flip>> = {
  [floor]: byHand(),
  "by hand + FRESH": byHand({ fresh: true }),
  "by hand + claim": byHand({ claim: true }),
  "by hand, afresh": byHandAfresh,
  [natsby]: byNatsby,
};
const simpler: readonly (readonly [string, (base: string) => string])[] = [
  ["by hand, no TLS", withoutTls],
  ["by hand, not compressed", withoutCompression],
];

/** What each way does, for the page. */
const ways: Readonly<Record<string, string>> = {
  "by hand, no TLS":
    "write both role files, reload the one dummy, poll every upstream, reload the other; links without TLS",
  "by hand, not compressed": "the same over links with mutual TLS that are not compressed",
  [floor]: "the same over links with mutual TLS and compression, as natsby has them: **the floor**",
  "by hand + FRESH": "the floor, and attach only when the standby has what was heard last",
  "by hand + claim":
    "the floor, and take a ticket, sync the files, and put them in place under the host's lock and guard",
  "by hand, afresh": "the floor, in a process of its own for each flip, whose code has never run before",
  [natsby]: "natsby's cutover, as Pulumi runs it: all of these, and every step proved",
};

/** Blocks, so that the simpler stacks are measured in between the others, and never beside them. */
const blocks = 3;

export const gap: Section<GapData> = {
  name: "gap",
  title: "The gap of a flip",

  async measure(scale, say) {
    const all: FlipSeen[] = [];
    const entries: FinishedEntry[] = [];
    for (const count of blocksOf(scale)) {
      for (const [kind, base] of simpler) {
        all.push(...(await measureBlock({ [kind]: byHand() }, count, say, base)).flips);
      }
      const block = await measureBlock(withTls, count, say);
      all.push(...block.flips);
      entries.push(...block.entries);
    }
    return { flips: all, steps: stepsOf(entries) };
  },

  targets({ flips }) {
    const [own, bare] = [summarise(gapsOf(flips, natsby)), summarise(gapsOf(flips, floor))];
    const doubled = sum(countsOf(flips, natsby, "doubled"));
    const count = flips.filter(({ kind }) => kind === natsby).length;
    const ratio = own.median / bare.median;
    return [
      { what: `doubled messages in ${count} flips`, bound: "0", measured: String(doubled), isReached: doubled === 0 },
      {
        what: "gap, median",
        bound: "1.5 times the floor",
        measured: `${ratio.toFixed(2)} times (${rounded(own.median)} ms)`,
        isReached: ratio <= 1.5,
      },
      { what: "gap, maximum", bound: "100 ms", measured: `${rounded(own.max)} ms`, isReached: own.max <= 100 },
    ];
  },

  render({ flips, steps }) {
    const bare = medianOf(gapsOf(flips, floor));
    return [
      `Two upstreams, two publishers at ${rate.toLocaleString("en")} messages a second each, flips of every kind in turn on the same running`,
      "servers. A gap is what one subscriber at one upstream waits: from the last message of the old publisher to the first",
      "of the new one, seen by a raw socket in a process of its own. All in milliseconds, one gap a flip and upstream.",
      "",
      "![gaps](benchmarks-gap.svg)",
      "",
      ...table(
        ["way to flip", "flips", "median", "p95", "max", "of the floor", "lost a flip", "doubled", "whole flip"],
        kindsOf(flips).map((kind) => rowOf(flips, kind, bare)),
      ),
      "",
      ...Object.entries(ways).map(([kind, what]) => `- ${kind}: ${what}`),
      "",
      "Where natsby's time goes, in milliseconds; the gap lies between the start of `detach` and the middle of `prove`:",
      "",
      ...table(
        ["step", "median", "p95", "max"],
        Object.entries(steps).map(([step, values]) => {
          const { median, p95, max } = summarise(values);
          return [step, rounded(median), rounded(p95), rounded(max)];
        }),
      ),
    ];
  },

  pictures({ flips }) {
    const rows = kindsOf(flips).map((kind) => ({ label: kind, values: gapsOf(flips, kind), isOwn: kind === natsby }));
    return { "benchmarks-gap.svg": dotPlot("Gap at a subscriber, by way to flip", "milliseconds", rows) };
  },
};

function blocksOf(scale: Scale): readonly number[] {
  const flips = scale.flips(30);
  const each = scale.isQuick ? 1 : blocks;
  return Array.from({ length: each }, () => Math.ceil(flips / each));
}

async function measureBlock(
  kinds: Readonly<Record<string, Flip>>,
  count: number,
  say: (line: string) => void,
  base: (text: string) => string = (text) => text,
) {
  await using watched = await startWatched({ base });
  const flips = await flipInTurn(watched, kinds, count, say);
  return { flips, entries: await finishedOf(watched.stack) };
}

async function finishedOf({ topology: { dataDir } }: TestStack): Promise<readonly FinishedEntry[]> {
  const journal = await readJournal(localHosts(dataDir));
  return journal.filter((entry) => entry.state === "finished");
}

function stepsOf(entries: readonly FinishedEntry[]): GapData["steps"] {
  const all = entries.flatMap(({ steps, ms }) => [...steps, { step: "whole run", ms }]);
  const grouped = Map.groupBy(all, ({ step }) => step);
  return Object.fromEntries([...grouped].map(([step, records]) => [step, records.map(({ ms }) => ms)]));
}

const kindsOf = (flips: readonly FlipSeen[]): readonly string[] =>
  Object.keys(ways).filter((kind) => flips.some((flip) => flip.kind === kind));

function rowOf(flips: readonly FlipSeen[], kind: string, bare: number): readonly string[] {
  const { median, p95, max } = summarise(gapsOf(flips, kind));
  const own = flips.filter((flip) => flip.kind === kind);
  const lost = medianOf(countsOf(flips, kind, "lost"));
  return [
    ...[kind, String(own.length), rounded(median), rounded(p95), rounded(max), (median / bare).toFixed(2)],
    ...[String(lost), String(sum(countsOf(flips, kind, "doubled"))), rounded(medianOf(own.map(({ ms }) => ms)))],
  ];
}
