// No file grows past what can be read in one sitting.

import assert from "node:assert/strict";
import { test } from "node:test";
import { projectFiles, textOf } from "../support/project-files.ts";

const sizes = projectFiles()
  .filter((path) => /[.](ts|mjs|go)$/.test(path))
  .map((path) => ({ path, lines: textOf(path).split("\n").length - 1 }));

const longerThan = (lines: number): readonly string[] =>
  sizes.filter((file) => file.lines > lines).map((file) => `${file.path}: ${file.lines} lines`);

test("no file is longer than 250 lines", () => {
  assert.deepEqual(longerThan(250), []);
});

test("nine files in ten are shorter than 200 lines", () => {
  const long = longerThan(199);
  assert.ok(long.length <= sizes.length / 10, `${long.length} of ${sizes.length} are not:\n${long.join("\n")}`);
});

test("half of the files are at most 80 lines long", () => {
  const long = longerThan(80);
  assert.ok(long.length <= sizes.length / 2, `${long.length} of ${sizes.length} are not`);
});
