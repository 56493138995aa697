// docs/faults.md is true: every case stands in it, and every test that it names is there.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../scripts/toolchain/paths.ts";

const page = readFileSync(join(projectRoot, "docs/faults.md"), "utf8");
const rows = page.split("\n").flatMap((line) => {
  const [, id = "", , , where = ""] =
    line.split(" | ").length > 1 ? ["", ...line.replace(/^\| | \|$/g, "").split(" | ")] : [];
  return /^\d+[a-z]?$/.test(id) ? [{ id, where }] : [];
});

test("every case of 1 to 43 has a row", () => {
  const wanted = Array.from({ length: 43 }, (_, index) => String(index + 1));
  const more = ["27b", "27c", "27d", "27e", "27f"];
  assert.deepEqual(rows.map(({ id }) => id).toSorted(), [...wanted, ...more].toSorted());
});

for (const { id, where } of rows) {
  test(`case ${id} names a test that is there, or says why there is none`, () => {
    const named = [...where.matchAll(/`([\w/-]+)` \(([^)]+)\)/g)];
    if (named.length === 0) assert.match(where, /^not yet/);
    for (const [, file = "", words = ""] of named) {
      const path = [`test/${file}.test.ts`, `test/${file}.ts`].map((one) => join(projectRoot, one)).find(existsSync);
      assert.ok(path !== undefined, `${file} is not there`);
      assert.ok(readFileSync(path, "utf8").includes(words), `${file} has no test "${words}"`);
    }
  });
}
