// A standby whose messages reach its dummy late: attached too early it would be heard with old messages. FRESH waits, or the flip is undone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { SlowPath } from "../support/slow-path.ts";
import { starve } from "../support/starved.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("a standby behind a slow path", () => {
  let watched: WatchedStack;
  let path: SlowPath;
  before(async () => {
    watched = await startWatched({ publishers: 2, over: { timeouts: quickTimeouts, maxLag: 400 } });
    const { stack } = watched;
    path = await SlowPath.to(stack.topology.publishers[1]?.dummy.clientPort ?? 0);
    await stack.kill("publisher1");
    await stack.startPublisher("publisher1", undefined, path);
  });
  after(async () => {
    path[Symbol.dispose]();
    await watched[Symbol.asyncDispose]();
  });

  test("that lags a little is waited for: nothing old is heard", async () => {
    await path.delay(120);
    await watched.cutOver("publisher1");
    await watched.audit("publisher1");
    await path.delay(0);
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("that lags by more than maxLag: refused, nothing changed", async () => {
    await path.delay(1_000);
    const files = watched.roleFiles();
    const ran = await watched.cutOver("publisher1", 3);
    assert.match(
      ran.stderr,
      /natsby exit 3: preflight: .*(ms behind the active one|heard none of the active publisher's)/,
    );
    assert.deepEqual(watched.roleFiles(), files);
    await watched.audit("publisher0");
  });

  test("that has so little of the CPU that it lags: refused or waited for, and nothing old is heard", async (t) => {
    await path.delay(0);
    const { stack } = watched;
    {
      const starved = ["publisher1", "dummy-nats1"].map((name) => stack.processOf(name));
      using _ = starve(starved, 10);
      let frozen = 0;
      for (let look = 0; look < 20; look++) {
        await sleep(37);
        if (stack.processOf("dummy-nats1").frozen) frozen++;
      }
      assert.ok(frozen > 10, `frozen at ${frozen} of 20 looks`);
      // In its slices it sends what it owes: it is late by most of a slice, and by more where it cannot keep up.
      const ran = await watched.run("publisher1");
      t.diagnostic(`exit ${ran.code}: ${/lag of the standby .*|FAILED: .*/.exec(ran.stderr)?.[0]}`);
      assert.ok([0, 3, 6].includes(ran.code ?? -1), ran.output);
      await watched.nothingDoubled();
    }
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("that begins to lag in the flip, and catches up in time: waited for", async () => {
    await path.delay(0);
    const slower = () => {
      path.delayMs = 900;
    };
    const ran = await watched.cutOverWhile("publisher1", "after:stage", slower, 0);
    const ms = Number(/^fresh +([\d.]+) ms/m.exec(ran.stderr)?.[1]);
    assert.ok(ms > 300, `waited ${ms} ms`);
    await watched.audit("publisher1");
    await path.delay(0);
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("that begins to lag in the flip, for too long: rolled back, the old one is heard again", async () => {
    await path.delay(0);
    const hang = () => {
      path.delayMs = 5_000;
    };
    const ran = await watched.cutOverWhile("publisher1", "after:stage", hang, 6);
    assert.match(ran.stderr, /natsby exit 6: rolled back: publisher0 is heard again \(fresh: gave up after 1.5 s/);
    await watched.audit("publisher0");
  });
});
