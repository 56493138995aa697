// Subjects that can be published on, and which of them covers another.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concreteSubjects, covers, subjectProblem, withoutCovered } from "../../infra/core/subjects.ts";

describe("subjects", () => {
  it("with wildcards are published as all, each once", () => {
    assert.deepEqual(concreteSubjects(["test", "md.>", "md.all", "*.px.*", ">"]), [
      "test",
      "md.all",
      "all.px.all",
      "all",
    ]);
    for (const subject of concreteSubjects(["a.>", "*.b"])) assert.equal(subjectProblem(subject), null);
  });

  const covered: readonly [string, string, boolean][] = [
    [">", "a", true],
    ["a.>", "a.b.c", true],
    ["a.>", "a", false],
    ["a.*", "a.b", true],
    ["a.*", "a.>", false],
    ["a.*", "a.*", true],
    ["a.b", "a.*", false],
    ["a.b", "a.b.c", false],
  ];
  for (const [wide, narrow, expected] of covered) {
    it(`${wide} ${expected ? "covers" : "does not cover"} ${narrow}`, () =>
      assert.equal(covers(wide, narrow), expected));
  }

  it("that another one covers are left out", () => {
    assert.deepEqual(withoutCovered(["a.b", "a.>", "c", "c", "a.*"]), ["a.>", "c"]);
  });
});
