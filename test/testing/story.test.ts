// What a run prints at its end: the count is true, and nothing that failed is left out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keptOutput } from "../../scripts/render/output.ts";
import type { FileResult } from "../../scripts/testing/run-test-file.ts";
import { type Results, tallyOf, tellCheck, tellEnd, tellFile } from "../../scripts/testing/story.ts";

const nothing: Results = { checks: [], files: [], others: [] };
const check = (ok: boolean) => ({ name: "types", ok, output: "a.ts: wrong\n", ms: 1_234 });
const file = (over: Partial<FileResult> = {}): FileResult => ({
  path: "test/core/a.test.ts",
  passed: 3,
  skips: [],
  failures: [],
  reasons: {},
  output: "its output\n",
  ms: 56,
  ...over,
});

const rows: readonly (readonly [what: string, results: Results, tally: readonly [number, number, number]])[] = [
  ["nothing ran", nothing, [0, 1, 0]],
  ["only skipped tests ran", { ...nothing, files: [file({ passed: 0, skips: ["p", "q"] })] }, [0, 1, 2]],
  ["everything is good", { ...nothing, checks: [check(true)], files: [file()] }, [4, 0, 0]],
  ["a check failed", { ...nothing, checks: [check(false)], files: [file()] }, [3, 1, 0]],
  ["tests failed", { ...nothing, files: [file({ failures: ["x", "y"], skips: ["p"] })] }, [3, 2, 1]],
  ["the set-up failed", { ...nothing, others: ["set-up: no pulumi"] }, [0, 1, 0]],
];

for (const [what, results, [passed, failed, skipped]] of rows) {
  test(`${what}: ${passed} passed, ${failed} failed`, () => {
    assert.deepEqual(tallyOf(results), { passed, failed, skipped });
  });
}

test("the end lists every failure, shows what failed checks said, and ends with the count", () => {
  const output = keptOutput();
  const files = [file({ failures: ["suite > bad"], reasons: { "suite > bad": "1 is not\n2" }, skips: ["p"] })];
  tellEnd({ checks: [check(false)], files, others: ["stopped by SIGTERM"] }, output);
  assert.equal(
    output.stdout,
    [
      ...["", "types:", "a.ts: wrong", "", "skipped, since this machine cannot run them:", "  test/core/a.test.ts: p"],
      ...["", "failed:", "  stopped by SIGTERM", "  check: types"],
      ...["  test/core/a.test.ts: suite > bad", "      1 is not", "      2", "", "3 passed, 3 failed, 1 skipped", ""],
    ].join("\n"),
  );
});

test("a good file is one line, a bad one shows what it printed", () => {
  const output = keptOutput();
  tellCheck(check(true), output);
  tellFile(file(), false, output);
  tellFile(file({ failures: ["bad"] }), false, output);
  assert.equal(
    output.stdout.replaceAll(/ +/g, " "),
    [
      "ok types 1.2 s",
      "ok test/core/a.test.ts 0.1 s 3 passed, 0 failed",
      "FAILED test/core/a.test.ts 0.1 s 3 passed, 1 failed",
      " its output",
      "",
    ].join("\n"),
  );
});
