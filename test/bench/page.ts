// docs/benchmarks.md from results: the machine, the targets, and every section. Pure.

import type { Machine } from "./machine.ts";
import { type Section, table } from "./section.ts";

/** A section's numbers, and what they were measured on. */
export interface Measured {
  readonly machine: Machine;
  readonly data: unknown;
}

/** Numbers by the section's name. */
export type Results = Readonly<Record<string, Measured>>;

/** The page. Sections without numbers are left out. */
export function renderPage(sections: readonly Section<unknown>[], results: Results): string {
  const measured = sections.flatMap((section) => {
    const own = results[section.name];
    return own === undefined ? [] : [{ section, ...own }];
  });
  const targets = measured.flatMap(({ section, data }) => section.targets(data));
  const lines = [
    "# Benchmarks",
    "",
    "Written by `npm run bench` from [benchmarks.json](benchmarks.json), where every single measurement is. `npm run bench -- gap`",
    "measures one section again, `npm run bench -- --quick` measures a little of each and only shows it.",
    "Milliseconds differ from machine to machine; ratios within one run hold.",
    "",
    ...table(
      ["what must be reached", "bound", "measured", "reached"],
      targets.map(({ what, bound, measured, isReached }) => [what, bound, measured, isReached ? "yes" : "**no**"]),
    ),
    "",
    ...measured.flatMap(({ section, machine, data }) => [
      `## ${section.title}`,
      "",
      ...section.render(data),
      "",
      `_${machineLine(machine)}_`,
      "",
    ]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function machineLine({ at, cores, cpu, memoryGb, kernel, node, natsServer, pulumi, load }: Machine): string {
  const day = at.slice(0, 10);
  const busy = load > cores / 2 ? `; others were at work, too (load ${load})` : `; load before ${load}`;
  return `${day}: ${cores} cores (${cpu}), ${memoryGb} GB, Linux ${kernel}, Node ${node}, nats-server ${natsServer}, Pulumi ${pulumi}${busy}.`;
}
