// The page of the benchmark: what is not measured is left out, what is not reached is said.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import type { Machine } from "./machine.ts";
import { renderPage } from "./page.ts";
import { dotPlot, linePlot } from "./plot.ts";
import type { Section } from "./section.ts";
import { sections } from "./sections.ts";

const machine: Machine = {
  ...{ at: "2026-01-02T03:04:05.000Z", cores: 2, cpu: "a processor", memoryGb: 8, kernel: "6.1", load: 0.1 },
  ...{ node: "24.0.0", natsServer: "2.15.2", pulumi: "3.274.1" },
};

const section = (name: string, isReached: boolean): Section<unknown> => ({
  ...{ name, title: `About ${name}`, measure: async () => 7 },
  targets: () => [{ what: name, bound: "5", measured: "7", isReached }],
  render: (data) => [`it is ${data}`],
  pictures: () => ({}),
});

test("every measured section has its numbers, its machine, and its row among the targets", () => {
  const page = renderPage([section("one", true), section("two", false), section("three", true)], {
    one: { machine, data: 7 },
    two: { machine: { ...machine, load: 9 }, data: 8 },
  });
  assert.match(page, /\| one \| 5 \| 7 \| yes \|\n\| two \| 5 \| 7 \| \*\*no\*\* \|\n\n/);
  assert.match(page, /## About one\n\nit is 7\n\n_2026-01-02: 2 cores \(a processor\).*load before 0\.1\._/);
  assert.match(page, /it is 8\n\n_.*others were at work, too \(load 9\)\._\n$/);
  assert.doesNotMatch(page, /three/);
});

test("pictures hold a dot for every value, and escape what would not be SVG", () => {
  const svg = dotPlot("a < b & c", "ms", [{ label: "x", values: [1, 2, 3] }]);
  assert.equal(svg.match(/<circle/g)?.length, 3);
  assert.match(svg, /<title>a &lt; b &amp; c<\/title>/);
  assert.doesNotMatch(svg, /NaN|undefined/);
});

test("lines that end at the same value have labels one below the other", () => {
  const svg = linePlot("t", { x: "n", y: "ms" }, [
    { label: "first", points: [[1, 5]] },
    { label: "second", points: [[1, 5]] },
  ]);
  const heights = ["first", "second"].map((label) =>
    Number(new RegExp(` y="([\\d.]+)"[^>]*>${label}<`).exec(svg)?.[1]),
  );
  assert.equal((heights[1] ?? 0) - (heights[0] ?? 0), 16);
  assert.doesNotMatch(svg, /NaN|undefined/);
});

test("the project's own page and pictures are made of the numbers beside them", () => {
  const read = (name: string) => readFileSync(join(projectRoot, "docs", name), "utf8");
  const results = JSON.parse(read("benchmarks.json"));
  assert.equal(read("benchmarks.md"), renderPage(sections, results));
  for (const { name, pictures } of sections.filter((section) => section.name in results)) {
    for (const [file, svg] of Object.entries(pictures(results[name].data))) assert.equal(read(file), svg, file);
  }
});
