// The section `hundred`: 100 flips on a machine at rest and 100 on a busy one. Not how long they take: whether anybody hears anything twice.

import { type ChildProcess, spawn } from "node:child_process";
import { cpus } from "node:os";
import { startWatched } from "./bench-stack.ts";
import { byNatsby } from "./flip-kinds.ts";
import { type Section, table } from "./section.ts";
import { countsOf, type FlipSeen, flipInTurn, gapsOf } from "./series.ts";
import { rounded, sum, summarise } from "./statistics.ts";

/** What was measured. */
export interface HundredData {
  readonly runs: readonly { readonly machine: "at rest" | "busy"; readonly flips: readonly FlipSeen[] }[];
}

const natsby = "natsby";
/** Programs that do nothing but work, for each core. */
const hogsPerCore = 2;

export const hundred: Section<HundredData> = {
  name: "hundred",
  title: "A hundred flips, at rest and busy",

  async measure(scale, say) {
    const runs: HundredData["runs"][number][] = [];
    for (const machine of ["at rest", "busy"] as const) {
      using _ = machine === "busy" ? hogs() : null;
      await using watched = await startWatched();
      const flips = await flipInTurn(watched, { [natsby]: byNatsby }, scale.flips(100), (line) =>
        say(`${machine}: ${line}`),
      );
      runs.push({ machine, flips });
    }
    return { runs };
  },

  targets: ({ runs }) =>
    runs.map(({ machine, flips }) => {
      const found = sum([...countsOf(flips, natsby, "doubled"), ...countsOf(flips, natsby, "old")]);
      const what = `doubled or old messages in ${flips.length} flips, machine ${machine}`;
      return { what, bound: "0", measured: String(found), isReached: found === 0 };
    }),

  render: ({ runs }) => [
    `Two upstreams, two publishers at 1,000 messages a second each. Busy: ${hogsPerCore} programs for each core beside them that do`,
    "nothing but work. Gaps in milliseconds, one a flip and upstream.",
    "",
    ...table(
      ["machine", "flips", "doubled", "old", "gap, median", "p95", "max"],
      runs.map(({ machine, flips }) => {
        const { median, p95, max } = summarise(gapsOf(flips, natsby));
        const counted = (["doubled", "old"] as const).map((what) => String(sum(countsOf(flips, natsby, what))));
        return [machine, String(flips.length), ...counted, rounded(median), rounded(p95), rounded(max)];
      }),
    ),
  ],

  pictures: () => ({}),
};

function hogs(): Disposable {
  const all: ChildProcess[] = Array.from({ length: hogsPerCore * cpus().length }, () =>
    spawn(process.execPath, [
      "--eval",
      "setTimeout(() => process.exit(), 600_000); (function work() { for (let n = 0; n < 1e7; n++); setImmediate(work); })()",
    ]),
  );
  return {
    [Symbol.dispose]: () => {
      for (const hog of all) hog.kill("SIGKILL");
    },
  };
}
