// Names, the dummies' names made from them, and the guess at a misspelt word.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { dummyNameOf } from "../../infra/core/names.ts";
import { nearest } from "../../infra/core/nearest.ts";

describe("a dummy's name", () => {
  const table = {
    publisher0: "dummy-nats0",
    publisher17: "dummy-nats17",
    blue: "dummy-nats-blue",
    publisher: "dummy-nats-publisher",
    "publisher-0": "dummy-nats-publisher-0",
  };
  for (const [publisher, dummy] of Object.entries(table)) {
    it(`of ${publisher} is ${dummy}`, () => assert.equal(dummyNameOf(publisher), dummy));
  }

  it("belongs to one publisher only", () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z][a-z0-9-]*$/),
      fc.nat().map((number) => `publisher${number}`),
      fc.stringMatching(/^publisher\d{1,4}$/),
    );
    fc.assert(fc.property(name, name, (one, other) => one === other || dummyNameOf(one) !== dummyNameOf(other)));
  });
});

describe("the nearest word", () => {
  const known = ["activePublisher", "publishers", "subjects", "settle", "epoch"];
  const table: readonly [string, string | null][] = [
    ["activePubisher", "activePublisher"],
    ["ACTIVEPUBLISHER", "activePublisher"],
    ["pulbishers", "publishers"],
    ["subject", "subjects"],
    ["epcoh", "epoch"],
    ["colour", null],
    ["", null],
    ["x".repeat(10_000), null],
  ];
  for (const [word, meant] of table) {
    it(`to ${word.slice(0, 20) || "nothing"} is ${meant}`, () => assert.equal(nearest(word, known), meant));
  }
});
