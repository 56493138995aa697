// The witness itself: its counts in tables, and its ears at real servers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startStack } from "./stack.ts";
import { until } from "./until.ts";
import { upstreamsOf, Witness } from "./witness.ts";
import { Tally } from "./witness-tally.ts";

/** Messages as `A1`: publisher A with stamp 1, a millisecond after the one before; `.` is a millisecond without. */
function tallied(heard: string) {
  const tally = new Tally(0);
  heard.split(" ").forEach((message, at) => {
    const stamp = Number(message.slice(1));
    if (message !== ".") tally.add({ publisher: message.slice(0, 1), subject: "test", stamp }, at);
  });
  return tally.take(heard.split(" ").length - 1);
}

test("one publisher without a hole is nothing but heard", () => {
  const { heard, handovers, doubled, old, lost, silenceMs, hearing } = tallied("A1 A2 A3");
  assert.deepEqual([heard, handovers, doubled, old, lost, silenceMs, hearing], [{ A: 3 }, [], 0, 0, 0, 1, "A"]);
});

test("a flip is one handover, with its gap and what was lost in it", () => {
  const { handovers, doubled, lost, silenceMs, hearing } = tallied("A1 A2 . . B5 B6");
  assert.deepEqual(handovers, [{ from: "A", to: "B", gapMs: 3, lost: 2 }]);
  assert.deepEqual([doubled, lost, silenceMs, hearing], [0, 2, 3, "B"]);
});

test("a stamp heard again is doubled, and old where it is not the turn of who sent it", () => {
  const { doubled, old, handovers } = tallied("A1 A2 A2 B3 A3 B4");
  assert.deepEqual([doubled, old, handovers.length], [2, 1, 1]);
});

test("a publisher that lags is doubled with every old message, and never gets the turn by it", () => {
  const { doubled, old, hearing } = tallied("A8 B5 B6 A9 B7");
  assert.deepEqual([doubled, old, hearing], [3, 3, "A"]);
});

test("two that are heard at once show as many handovers", () => {
  assert.ok(tallied("A1 B2 A3 B4").handovers.length === 3);
});

test("counts begin anew when they are taken, the newest stamp does not", () => {
  const tally = new Tally(0);
  tally.add({ publisher: "A", subject: "test", stamp: 7 }, 1);
  tally.take(2);
  tally.add({ publisher: "A", subject: "test", stamp: 7 }, 3);
  const { heard, doubled, hearing } = tally.take(4);
  assert.deepEqual([heard, doubled, hearing], [{ A: 1 }, 1, "A"]);
});

test("stamps are compared within a subject only", () => {
  const tally = new Tally(0);
  tally.add({ publisher: "A", subject: "a", stamp: 7 }, 1);
  tally.add({ publisher: "A", subject: "b", stamp: 7 }, 2);
  assert.equal(tally.take(3).doubled, 0);
});

test("at real upstreams it hears the active publisher alone, and connects again after a restart", async () => {
  await using stack = await startStack({ rate: 200 });
  await using witness = await Witness.at(upstreamsOf(stack.topology, stack.clusterSecret));
  await witness.hears("publisher0");
  for (const { server, heard, doubled, hearing } of await witness.take()) {
    assert.deepEqual([Object.keys(heard), doubled, hearing], [["publisher0"], 0, "publisher0"], server);
  }
  await stack.kill("server1");
  await stack.startServer("server1");
  const connections = async () => (await witness.glance()).map((one) => one.connections).join();
  await until("it connected to server1 again", async () => (await connections()) === "1,2");
});
