// A pause: when it holds, and what becomes of a record that cannot be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describePause, isInForce, parsePause } from "../../infra/core/pause.ts";

const pause = { reason: "trading", until: "2026-01-01T12:00:00.000Z", who: "a@b", at: "2026-01-01T10:00:00.000Z" };
const noon = Date.parse(pause.until);

test("it holds until its time, and one without a time until it is ended", () => {
  assert.equal(isInForce(pause, noon - 1), true);
  assert.equal(isInForce(pause, noon), false);
  assert.equal(isInForce({ ...pause, until: null }, noon + 1e12), true);
});

test("a record reads back as it was; a broken one is a pause without an end", () => {
  assert.deepEqual(parsePause(JSON.stringify(pause)), pause);
  for (const text of ["", "{", "null", "{}", '{"reason":1}']) assert.equal(parsePause(text).until, null, text);
  assert.equal(parsePause(JSON.stringify({ ...pause, until: "soon" })).until, null);
});

test("it is described in one sentence", () => {
  assert.equal(describePause(pause), "paused by a@b until 2026-01-01T12:00:00.000Z: trading");
});
