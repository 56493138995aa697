// Tables and paragraphs fit 80 columns, whatever stands in them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, tableOf, width, wrap } from "../../scripts/render/columns.ts";

test("columns are as wide as what stands in them, and nothing trails", () => {
  assert.deepEqual(
    tableOf(
      ["A", "LONG", "C"],
      [
        ["aaa", "b", ""],
        ["a", "bb", "cc"],
      ],
    ),
    ["A    LONG  C", "aaa  b", "a    bb    cc"],
  );
  assert.deepEqual(tableOf(["A"], []), ["A"]);
});

test("the widest column is cut until the table fits, and says that something is missing", () => {
  const lines = tableOf(["NAME", "LINKED WITH"], [["n".repeat(63), "x ".repeat(60)]]);
  for (const line of lines) assert.ok(line.length <= width, `${line.length}`);
  assert.match(lines[1] ?? "", /^n+…? +x.*…$/);
});

test("a paragraph breaks at blanks, indented; a word longer than a line stays whole", () => {
  const lines = wrap("note: ", `${"word ".repeat(30)}${"y".repeat(100)} end`, "  ");
  assert.ok(lines.every((line) => line.length <= width || line.includes("yyy")));
  assert.ok(lines[0]?.startsWith("note: word"));
  assert.ok(lines.slice(1).every((line) => line.startsWith("  ") && !line.startsWith("   ")));
  assert.deepEqual(wrap("  > ", "short"), ["  > short"]);
});

test("cut", () => {
  assert.equal(cut("abc", 3), "abc");
  assert.equal(cut("abcd", 3), "ab…");
});
