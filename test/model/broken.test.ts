// The exploration is worth something only if it finds what is wrong: each guard of the model is broken in turn, and must be missed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explore } from "./explore.ts";
import { healthy } from "./first-worlds.ts";
import type { Broken } from "./turn.ts";
import type { World } from "./world.ts";

const commands = healthy(2, { faults: 0, commands: 2 });
const aFault = healthy(2, { faults: 1, commands: 2 });
const doubled = /^TWO ARE LINKED$/m;
const fenced = /^A FENCED DUMMY IS LINKED$/m;

const cases: readonly (readonly [Broken, World, RegExp])[] = [
  ["attach before quiet", aFault, doubled],
  ["quiet skips an upstream", aFault, doubled],
  ["pins in before detach", commands, doubled],
  ["no ticket check", commands, fenced],
  ["reload counted as a detach", commands, doubled],
  ["pins file counted as a fence", aFault, fenced],
];

for (const [broken, first, expected] of cases) {
  test(`a model with "${broken}" is seen to be wrong`, (t) => {
    const { states, found } = explore(first, broken);
    t.diagnostic(`found among ${states} states:\n  ${found?.join("\n  ") ?? "nothing"}`);
    assert.match(found?.join("\n") ?? "", expected);
  });
}
