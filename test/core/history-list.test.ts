// The journals' cutovers as a list: failures too, what has no end, and the run of Pulumi that each was part of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { historyRows, parseUpdates } from "../../infra/core/history-list.ts";
import { historyLines } from "../../scripts/render/history-lines.ts";
import { begun, finished, heardAt, quiet } from "../support/history.ts";

const at = (second: number): string => new Date(Date.parse("2026-01-01T00:00:00.000Z") + second * 1_000).toISOString();
const update = { kind: "update", result: "succeeded", startTime: at(9), endTime: at(12), message: "m", commit: null };

test("newest first; one that began and has no end says so, and failures are in it", () => {
  const entries = [
    begun(1),
    finished(1, { at: at(1) }),
    { ...begun(2), at: at(2) },
    quiet(2),
    finished(3, { at: at(3), result: "refused", exitCode: 3, problem: "lag" }),
    finished(0, { at: at(4), result: "refused", exitCode: 3, problem: "stale" }),
  ];
  const rows = historyRows(entries, [], 10);
  assert.deepEqual(
    rows.map(({ ticket, result }) => [ticket, result]),
    [
      [0, "refused"],
      [3, "refused"],
      [2, "no end"],
      [1, "active"],
    ],
  );
  assert.equal(historyRows(entries, [], 2).length, 2);
});

test("each has the run of Pulumi in whose time it ended, or none", () => {
  const rows = historyRows([finished(1, { at: at(10) }), finished(2, { at: at(20) })], [update], 10);
  assert.deepEqual(
    rows.map((row) => row.update),
    [null, update],
  );
});

test("Pulumi's own list is read: what is missing is empty, never made up", () => {
  const [one] = parseUpdates(
    '[{"kind":"update","result":"failed","startTime":"a","endTime":"b","environment":{"git.head":"abc"}}]',
  );
  assert.deepEqual(one, { kind: "update", result: "failed", startTime: "a", endTime: "b", message: "", commit: "abc" });
});

test("for people it fits 80 columns, with why and what went wrong below each line", () => {
  const long = "a reason that goes on and on, ".repeat(6).trim();
  const entries = [
    finished(12, { at: at(1), reason: long, upstreams: [heardAt("server0"), heardAt("server1", { gapMs: 1234.5 })] }),
    finished(13, { at: at(2), result: "nobody active", exitCode: 5, problem: "NOBODY ACTIVE: x", notes: ["a note"] }),
  ];
  const cutovers = historyRows(entries, [], 10);
  const text = historyLines({ schema: 1, stack: "local", withoutPulumi: "no stack", cutovers }, (_, words) => words);
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
  assert.match(text, /^12 +01-01 00:00 +publisher0 +publisher1 +active +1234\.5 ms +10 +0$/m);
  assert.match(text, /NOBODY ACTIVE: x\n {4}note: a note/);
  assert.match(text, /Pulumi's own history is not in it: no stack/);
});
