// Counting what a subscriber heard, in tables and by property.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Tally } from "../../infra/core/tally.ts";

const message = (stamp: number | null, at: number, publisher: string | null = "publisher0", subject = "test") => ({
  subject,
  publisher,
  stamp,
  at,
});

function tallyOf(messages: readonly ReturnType<typeof message>[], dense = true): Tally {
  const tally = new Tally(0, dense);
  for (const one of messages) tally.hear(one);
  return tally;
}

test("heard, and the longest silence from the start, between messages and to the end", () => {
  const tally = tallyOf([message(1, 40), message(2, 50), message(3, 150)]);
  assert.deepEqual(tally.countOf("publisher0", 200), {
    heard: 3,
    doubled: 0,
    missing: 0,
    longestSilenceMs: 100,
    span: { first: 40, last: 150 },
  });
  assert.equal(tally.countOf("publisher0", 400).longestSilenceMs, 250);
  assert.equal(tallyOf([message(1, 300)]).countOf("publisher0", 310).longestSilenceMs, 300);
});

test("a number heard again, by whomever, is doubled for the one who sent it late; so is an old one", () => {
  const tally = tallyOf([message(1, 1), message(2, 2), message(2, 3, "publisher1"), message(1, 4, "publisher1")]);
  assert.equal(tally.countOf("publisher0", 5).doubled, 0);
  assert.equal(tally.countOf("publisher1", 5).doubled, 2);
});

test("holes count for the publisher of the message after them, subject by subject", () => {
  const tally = tallyOf([message(1, 1), message(9, 1, "publisher0", "other"), message(5, 2, "publisher1")]);
  assert.equal(tally.countOf("publisher0", 5).missing, 0);
  assert.equal(tally.countOf("publisher1", 5).missing, 3);
});

test("without stamps doubled is not known; without following numbers missing is not", () => {
  const unstamped = tallyOf([message(null, 1)]).countOf("publisher0", 5);
  assert.deepEqual([unstamped.doubled, unstamped.missing], [null, null]);
  const sparse = tallyOf([message(10, 1), message(20, 2)], false).countOf("publisher0", 5);
  assert.deepEqual([sparse.doubled, sparse.missing], [0, null]);
});

test("a publisher that was not heard at all", () => {
  const silent = { heard: 0, doubled: 0, missing: 0, longestSilenceMs: 5, span: null };
  assert.deepEqual(tallyOf([]).countOf("publisher0", 5), silent);
  assert.deepEqual(tallyOf([message(1, 1)]).countOf("publisher1", 5), silent);
  assert.equal(tallyOf([message(null, 1)]).countOf("publisher1", 5).doubled, null);
});

test("messages that do not say whose they are", () => {
  const tally = tallyOf([message(1, 1, null), message(2, 2)]);
  assert.equal(tally.hasUnnamed, true);
  assert.deepEqual(tally.heardNames, ["publisher0"]);
  assert.equal(tally.countOf(null, 5).heard, 1);
});

test("heard in order once each: nothing is doubled, and every hole is missing", () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(numbers, (list) => {
      const sorted = list.toSorted((a, b) => a - b);
      const { heard, doubled, missing } = tallyOf(sorted.map((n) => message(n, n))).countOf("publisher0", 501);
      const holes = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0) + 1 - sorted.length;
      assert.deepEqual([heard, doubled, missing], [sorted.length, 0, holes]);
    }),
  );
});

test("whatever is repeated, in whatever order, is counted doubled at least once for each repeat", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 }), (list) => {
      const { doubled } = tallyOf(list.map((n, at) => message(n, at))).countOf("publisher0", 100);
      assert.ok((doubled ?? 0) >= list.length - new Set(list).size);
    }),
  );
});
