// Everything that two runs, two typed commands and a fault can come to: never two linked, and always a way back to one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steps } from "../../scripts/cutover/steps.ts";
import { explore } from "./explore.ts";
import { editedByHand, healthy, nobodyYet } from "./first-worlds.ts";
import { effects } from "./run.ts";
import { withoutEffect } from "./turn.ts";
import type { World } from "./world.ts";

const afterwards = ["back off", "back quiet", "put back", "tidy up"];

test("the model has every step of the table, and no other", () => {
  const modelled = [...Object.keys(effects), ...Object.keys(withoutEffect)].filter(
    (name) => !afterwards.includes(name),
  );
  assert.deepEqual(modelled.sort(), steps.map(({ name }) => name).sort());
});

const cases: readonly (readonly [string, World])[] = [
  [
    "2 publishers, one of which fails, two commands at once",
    healthy(2, { faults: 1, commands: 2, fragile: "dummies" }),
  ],
  [
    "an upstream that dies and comes back, two commands at once",
    healthy(2, { faults: 1, commands: 2, fragile: "upstreams" }),
  ],
  ["2 publishers, two faults, a command", healthy(2, { faults: 2, commands: 1 })],
  ["3 publishers, two commands at once", healthy(3, { faults: 0, commands: 2 })],
  ["3 publishers, a fault, a command", healthy(3, { faults: 1, commands: 1 })],
  ["2 publishers, the second attached by hand, two commands at once", editedByHand({ faults: 0, commands: 2 })],
  ["2 publishers that were never let in, two commands at once", nobodyYet(2, { faults: 0, commands: 2 })],
];

for (const [what, first] of cases) {
  test(`never two linked, no fenced one, and a way to exactly one: ${what}`, (t) => {
    const { states, found } = explore(first);
    t.diagnostic(`${states} states`);
    assert.deepEqual(found, null, found?.join("\n"));
  });
}
