// One test file run by natsby's own runner: every way in which it can end is counted, and nothing of it lives on.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { processMarker } from "../../infra/core/layout.ts";
import { type FileResult, runTestFile } from "../../scripts/testing/run-test-file.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { temporary } from "../support/temporary.ts";

interface Way {
  readonly lines: readonly string[];
  readonly withinMs?: number;
  readonly stop?: AbortSignal;
  readonly nodeOptions?: readonly string[];
}

async function run({ lines, withinMs = 60_000, stop, nodeOptions = [] }: Way): Promise<FileResult> {
  using folder = temporary("a folder");
  const path = join(folder.path, "some.test.ts");
  const imports = ['import assert from "node:assert/strict";', 'import { describe, test } from "node:test";'];
  writeFileSync(path, [...imports, ...lines].join("\n"));
  const runFolder = join(folder.path, "run");
  mkdirSync(runFolder);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const file = { path: relative(projectRoot, path), weight: "light", withinMs } as const;
  const never = new AbortController().signal;
  return await runTestFile(file, { env, folder: runFolder, nodeOptions, stop: stop ?? never });
}

test("passed and skipped tests are counted, suites are not", async () => {
  const { passed, skips, failures } = await run({
    lines: [
      'test("good", () => {});',
      'test("skipped", { skip: true }, () => {});',
      'test("some day", { todo: true }, () => assert.fail());',
      'describe("a suite", () => { test("inside", () => {}); });',
    ],
  });
  assert.deepEqual({ passed, skips: skips.length, failures }, { passed: 2, skips: 2, failures: [] });
});

test("a failed test is named with what is around it, and its output is kept", async () => {
  const { passed, failures, reasons, output } = await run({
    lines: [
      'test("good", () => {});',
      'describe("a suite", () => { test("bad", () => assert.equal(1, 2, "one is two")); });',
    ],
  });
  assert.deepEqual({ passed, failures }, { passed: 1, failures: ["a suite > bad"] });
  assert.match(reasons["a suite > bad"] ?? "", /^one is two/);
  assert.match(output, /one is two/);
});

test("a file that hangs is killed at its bound, and says in which test", async () => {
  const { passed, failures, ms } = await run({
    lines: ['test("good", () => {});', 'test("stuck", () => new Promise((done) => setTimeout(done, 60_000)));'],
    withinMs: 3_000,
  });
  assert.deepEqual({ passed, failures }, { passed: 1, failures: ["gave up after 3 s in: stuck"] });
  assert.ok(ms < 20_000);
});

test("a file whose tests ended and that does not end is a failure", async () => {
  const { passed, failures } = await run({
    lines: ['test("good", () => {});', "setInterval(() => {}, 1_000);"],
    withinMs: 3_000,
  });
  assert.deepEqual({ passed, failures }, { passed: 1, failures: ["gave up after 3 s"] });
});

test("a file that cannot be loaded is a failure, and so is one without a test", async () => {
  const broken = await run({ lines: ['throw new Error("at load");'] });
  assert.equal(broken.failures.length, 1);
  assert.match(broken.output, /at load/);
  assert.deepEqual((await run({ lines: [] })).failures, ["has no test that ran"]);
});

test("a file that ends itself too early is a failure", async () => {
  const { failures } = await run({ lines: ['test("leaves", () => process.exit(3));'] });
  assert.equal(failures.length, 1);
  assert.match(failures.join(), /^ended with exit code 3/);
});

test("a process that it leaves behind is a failure, and is ended", async () => {
  const { passed, failures } = await run({
    lines: [
      'import { spawn } from "node:child_process";',
      'import { tmpdir } from "node:os";',
      'const options = { detached: true, stdio: "ignore" } as const;',
      `const env = { PATH: process.env.PATH, ${processMarker}: tmpdir() + "/stack/server0" };`,
      'test("leaves two", () => {',
      '  spawn("sleep", ["611"], options).unref();',
      '  spawn("sleep", ["612"], { ...options, env }).unref();',
      "});",
    ],
  });
  assert.equal(passed, 1);
  assert.deepEqual(failures.map((line) => line.replace(/\d+ running/, "N running")).sort(), [
    "left process N running: sleep 611",
    "left process N running: sleep 612",
  ]);
  for (const line of failures) {
    assert.equal(commandOf(/process (\d+)/.exec(line)?.[1] ?? ""), "");
  }
});

test("what is left behind and holds the output open does not hold up the run", async () => {
  const { failures, ms } = await run({
    lines: [
      'import { spawn } from "node:child_process";',
      'test("leaves one", () => void spawn("sleep", ["613"], { detached: true, stdio: "inherit" }).unref());',
    ],
  });
  assert.equal(failures.length, 1);
  assert.ok(ms < 30_000, `${ms} ms`);
});

test("a run that is stopped ends its file at once", async () => {
  const lines = ['test("long", () => new Promise((done) => setTimeout(done, 60_000)));'];
  const { failures, ms } = await run({ lines, stop: AbortSignal.timeout(2_000) });
  assert.match(failures.join(), /^was killed/);
  assert.ok(ms < 20_000);
});

test("options for Node reach the tests", async () => {
  const lines = ['test("one", () => {});', 'test("two", () => {});'];
  const { passed } = await run({ lines, nodeOptions: ["--test-name-pattern=two"] });
  assert.equal(passed, 1);
});

/** Empty for a process that is gone, waited for or not. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
