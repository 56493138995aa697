// Subjects that can be published on, and which of them covers another.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  concreteSubjects,
  covers,
  subjectProblem,
  subscriptionsTo,
  withoutCovered,
} from "../../infra/core/subjects.ts";

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

  const token = fc.constantFrom("a", "b", "c");
  const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join("."));
  const pattern = fc
    .tuple(fc.array(fc.oneof(token, fc.constant("*")), { maxLength: 3 }), fc.oneof(token, fc.constantFrom("*", ">")))
    .map(([tokens, last]) => [...tokens, last].join("."));

  it("are covered exactly where every message of the one is a message of the other", () => {
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        const messages = ["q", "q.q"].map((rest) => narrow.replaceAll("*", "q").replace(">", rest));
        assert.equal(
          covers(wide, narrow),
          messages.every((message) => matches(wide, message)),
        );
      }),
    );
  });

  it("that overlap count each message once, and every message", () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), subject, (patterns, message) => {
        const delivered = subscriptionsTo(patterns).filter((one) => matches(one.pattern, message));
        const counted = delivered.filter((one) => one.counts(message)).length;
        assert.equal(counted, patterns.some((one) => matches(one, message)) ? 1 : 0);
      }),
    );
  });
});

/** What a server delivers, said in another way than natsby says it. */
function matches(pattern: string, subject: string): boolean {
  const expression = pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]+").replace(">", ".+");
  return new RegExp(`^${expression}$`).test(subject);
}
