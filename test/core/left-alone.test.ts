// Whom a run leaves as they are: hosts that were given up, and a publisher that is held back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { leftAlone, ownerOf } from "../../infra/core/left-alone.ts";
import { testTopology } from "../support/topology.ts";

const names = (fenced: readonly string[], held?: string) =>
  [...leftAlone(testTopology({ fenced }), held).keys()].toSorted();

test("nobody, unless somebody was given up or is held back", () => {
  assert.deepEqual(names([]), []);
  assert.deepEqual(names(["server1"]), ["server1"]);
  assert.deepEqual(names(["publisher0"]), ["dummy-nats0", "publisher0"]);
  assert.deepEqual(names(["server1"], "publisher1"), ["dummy-nats1", "publisher1", "server1"]);
});

test("who was given up and is held back too was given up: that lasts longer", () => {
  const alone = leftAlone(testTopology({ fenced: ["publisher1"] }), "publisher1");
  assert.deepEqual([alone.get("publisher1"), alone.get("dummy-nats1")], ["given up", "given up"]);
  assert.equal(leftAlone(testTopology(), "publisher1").get("dummy-nats1"), "held back");
});

test("a publisher that the stack does not have cannot be held back", () => {
  assert.throws(() => names([], "publisher7"), /NATSBY_HOLD names publisher7, which is no publisher of stack test/);
  assert.throws(() => names([], ""), { name: "UserError", code: "no-such-name" });
});

test("a resource belongs to the server or publisher in its name", () => {
  assert.deepEqual(
    ["server0-server", "publisher0-process", "my-server-server", "cutover-run", "cutover-contract"].map(ownerOf),
    ["server0", "publisher0", "my-server", null, null],
  );
  assert.deepEqual(
    ["server0-container", "dummy-nats1-files", "dummy-nats1-image", "publisher1-folder", "here-network"].map(ownerOf),
    ["server0", "dummy-nats1", "dummy-nats1", "publisher1", null],
  );
});
