// Reading a journal: what was last proved, what never ended, which stamps still count.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type HistoryEntry,
  lastActive,
  lastQuiet,
  mergeHistories,
  parseHistory,
  unfinished,
} from "../../infra/core/history.ts";
import { begun, finished, quiet } from "../support/history.ts";

const linesOf = (entries: readonly HistoryEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

describe("a journal", () => {
  const entries = [begun(1), quiet(1), finished(1), begun(2)];

  it("is read back as it was written, oldest first", () => {
    assert.deepEqual(parseHistory(linesOf(entries)), entries);
    assert.deepEqual(parseHistory(""), []);
  });

  it("cut short at any byte keeps every whole entry before", () => {
    const text = linesOf(entries);
    for (let length = 0; length < text.length; length++) {
      const found = parseHistory(text.slice(0, length));
      assert.deepEqual(found, entries.slice(0, found.length));
      const whole = text.slice(0, length).split("\n").length - 1;
      assert.ok(found.length >= whole, `${found.length} entries of ${whole} whole lines`);
    }
  });

  it("passes over lines that are no entries", () => {
    const strange = ["null", "5", "[]", '"text"', "{}", '{"state":"finished"}', "{", "\0\0\0", " "].join("\n");
    assert.deepEqual(parseHistory(`${strange}\n${linesOf(entries)}${strange}`), entries);
  });
});

describe("journals of several hosts", () => {
  const [one, two] = [
    [begun(1), quiet(1), finished(1)],
    [begun(2), finished(2, { to: "publisher0" })],
  ];

  it("are one: what a host lacks, since it was away, another has, and nothing comes twice", () => {
    assert.deepEqual(mergeHistories([[...one, ...two], one, two]), [...one, ...two]);
    assert.deepEqual(mergeHistories([two, [begun(1), finished(1)], [quiet(1)]]), [...one, ...two]);
    assert.deepEqual(mergeHistories([[], []]), []);
  });

  it("keep their own order where there is only one: a run that slept writes late", () => {
    const late = [begun(2), begun(1), finished(2), finished(1)];
    assert.deepEqual(mergeHistories([late]), late);
  });
});

describe("who was last proved active", () => {
  const rows: readonly (readonly [what: string, entries: readonly HistoryEntry[], active: string | null])[] = [
    ["nobody at first", [], null],
    ["nobody by a cutover that never ended", [begun(1), quiet(1)], null],
    ["the target of the last that was proved", [finished(1, { to: "publisher0" }), finished(2)], "publisher1"],
    [
      "nobody new by one that was refused",
      [finished(1), finished(2, { to: "publisher0", result: "refused" })],
      "publisher1",
    ],
    [
      "nobody new by one that was rolled back",
      [finished(1), finished(2, { to: "x", result: "rolled back" })],
      "publisher1",
    ],
  ];
  for (const [what, entries, active] of rows) it(what, () => assert.equal(lastActive(entries), active));
});

describe("a cutover that never ended", () => {
  const rows: readonly (readonly [what: string, entries: readonly HistoryEntry[], ticket: number | null])[] = [
    ["there is none at first", [], null],
    ["is one that began", [begun(1)], 1],
    ["is one that was quiet", [finished(1), begun(2), quiet(2)], 2],
    ["is none that ended, however it ended", [begun(1), finished(1, { result: "nobody active" })], null],
    ["is not ended by a later run that was refused", [begun(1), finished(2, { result: "refused" })], 1],
    ["is not ended by one that came too late", [begun(2), finished(1, { result: "superseded" })], 2],
    ["is ended by a later one that ends", [begun(1), begun(2), finished(2)], null],
    ["is none whose line was written late, by a run that slept", [begun(1), finished(2), quiet(1)], null],
    ["is ended by it for good", [begun(1), begun(2), finished(2), finished(1, { result: "superseded" })], null],
  ];
  for (const [what, entries, ticket] of rows) it(what, () => assert.equal(unfinished(entries)?.ticket ?? null, ticket));
});

describe("the stamps that the next publisher must have heard", () => {
  const rows: readonly (readonly [what: string, entries: readonly HistoryEntry[], ticket: number | null])[] = [
    ["there are none at first", [begun(1)], null],
    ["are those of a cutover that was killed", [finished(1), begun(2), quiet(2)], 2],
    ["are those of one that left nobody active", [quiet(1), finished(1, { result: "nobody active" })], 1],
    [
      "are those of one before a cutover that got no further",
      [quiet(1), finished(2, { result: "refused" }), begun(3)],
      1,
    ],
    ["are the newest where several failed", [quiet(1), finished(1, { result: "failed" }), begun(2), quiet(2)], 2],
    ["no longer count once somebody was proved active", [quiet(1), finished(1)], null],
    ["no longer count once the old one was put back", [quiet(1), finished(1, { result: "rolled back" })], null],
    ["do not count where the line was written late, by a run that slept", [finished(2), quiet(1)], null],
    ["count on where a later run was refused", [quiet(1), finished(2, { result: "refused" })], 1],
  ];
  for (const [what, entries, ticket] of rows) it(what, () => assert.equal(lastQuiet(entries)?.ticket ?? null, ticket));
});
