// Which tests are fast, light or heavy, told by their folders and by what they import.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findTestFiles, selectTestFiles } from "../../scripts/testing/test-files.ts";

const files = findTestFiles();
const weightOf = (path: string) => files.find((file) => file.path === path)?.weight;

test("pure code is fast, real servers are light, whole stacks are heavy", () => {
  assert.equal(weightOf("test/core/judge.test.ts"), "fast");
  assert.equal(weightOf("test/project/sizes.test.ts"), "fast");
  assert.equal(weightOf("test/observe/observe.test.ts"), "light");
  assert.equal(weightOf("test/testing/run-test-file.test.ts"), "light");
  assert.equal(weightOf("test/e2e/start.test.ts"), "heavy");
});

test("a file, a folder or a part of a path selects tests, and nothing selects all", () => {
  const selected = (...named: string[]) => selectTestFiles(files, named).map(({ path }) => path);
  assert.deepEqual(selected("test/core/judge.test.ts"), ["test/core/judge.test.ts"]);
  assert.deepEqual(selected("./test/project/sizes"), ["test/project/sizes.test.ts"]);
  assert.ok(selected("test/core/").every((path) => path.startsWith("test/core/")));
  assert.equal(selected().length, files.length);
  assert.deepEqual(selected("test/nowhere"), []);
});
