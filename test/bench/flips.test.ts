// The benchmark's ways to flip, on a real stack: each moves who is heard, and none doubles anything. Nothing is timed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { startWatched } from "./bench-stack.ts";
import { byHand, byHandAfresh, byNatsby } from "./flip-kinds.ts";
import { flipInTurn } from "./series.ts";

test("every way to flip is one handover at every upstream, with nothing doubled", async () => {
  await using watched = await startWatched();
  const kinds = {
    "by hand": byHand(),
    "with FRESH": byHand({ fresh: true }),
    "with a claim": byHand({ claim: true }),
    afresh: byHandAfresh,
    natsby: byNatsby,
  };
  for (const { kind, upstreams } of await flipInTurn(watched, kinds, 1, () => undefined)) {
    for (const { upstream, gapMs, doubled, old } of upstreams) {
      assert.ok(gapMs !== null && gapMs > 0, `${kind} at ${upstream}: one handover`);
      assert.deepEqual([doubled, old], [0, 0], `${kind} at ${upstream}`);
    }
  }
});

test("a section that is not there is refused with the names of those that are", () => {
  const argv = [join(import.meta.dirname, "main.ts"), "gapp"];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 30_000 });
  assert.equal(status, 64);
  assert.match(stderr, /no section gapp; there are gap, hundred, pulumi, failover, throughput, growth/);
});
