// The table of one cutover, as it is printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cutoverTable } from "../../infra/core/history-table.ts";
import { finished, heardAt } from "../support/history.ts";

test("a flip: who was heard before and after at each upstream, with gap, lost and doubled", () => {
  const upstreams = [heardAt("server0"), heardAt("server1", { gapMs: 9, lost: 0, doubled: 2, clockMs: -200 })];
  assert.equal(
    cutoverTable(finished(7, { upstreams })),
    `cutover, ticket 7, 0.27 s
upstream  heard before  heard after  gap      lost  doubled
server0   publisher0    publisher1   12.5 ms  10    0
server1   publisher0    publisher1   9.0 ms   0     2
clock: publisher1 is 200.0 ms ahead of publisher0`,
  );
});

test("what could not be counted is not shown as none, and nobody is called nobody", () => {
  const upstreams = [
    heardAt("server0", { before: null, after: null, gapMs: null, lost: null, doubled: null, clockMs: null }),
  ];
  const notes = ["doubles cannot be excluded", "server1 did not answer"];
  assert.equal(
    cutoverTable(finished(12, { upstreams, notes, ms: 10_004 })),
    `cutover, ticket 12, 10.00 s
upstream  heard before  heard after  gap  lost  doubled
server0   nobody        nobody       -    -     -
note: doubles cannot be excluded
note: server1 did not answer`,
  );
});

test("it fits 80 columns with names as long as most are", () => {
  const upstreams = [
    heardAt("server-frankfurt0", { before: "publisher-left0", after: "publisher-right", gapMs: 10_000 }),
  ];
  const [, ...table] = cutoverTable(finished(1, { upstreams })).split("\n");
  for (const line of table) assert.ok(line.length <= 80, `${line.length}: ${line}`);
});

test("a cutover that found nobody to measure is a header alone", () => {
  assert.match(
    cutoverTable(finished(1)),
    /^cutover, ticket 1, 0\.27 s\nupstream +heard before +heard after +gap +lost +doubled$/,
  );
});
