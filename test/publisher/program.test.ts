// Which program a publisher is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { publisherProgram } from "../../scripts/publisher/program.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";

test("the user's own, argument by argument", () => {
  assert.deepEqual(publisherProgram({ command: ["feed", "a b"] }), ["feed", "a b"]);
});

test("the reference publisher where the stack names none", () => {
  for (const command of [null, []]) {
    assert.deepEqual(publisherProgram({ command }), [`${projectRoot}/scripts/run`, "publisher/main"]);
  }
});
