// Planned flips in stacks of other sizes and in bad moments: refused or brought about, and never two at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { startWatched } from "../support/watched-stack.ts";

test("five publishers, three upstreams, flips to any: exactly one is heard at each of them", async () => {
  await using watched = await startWatched({ upstreams: 3, publishers: 5, rate: 100 });
  for (const to of [3, 1, 4, 0, 2, 4, 3, 0].map((n) => `publisher${n}`)) {
    await watched.cutOver(to);
    await watched.witness.hears(to);
    await watched.nothingDoubled();
  }
  await watched.audit("publisher0");
});

test("every upstream is down: refused; an older epoch is refused; a flip while an upstream starts again meanwhile doubles nothing", async (t) => {
  await using watched = await startWatched({ over: { timeouts: quickTimeouts } });
  const { stack } = watched;
  await watched.cutOver("publisher0");

  await t.test("every upstream is down: refused, and the old one is heard once they are back", async () => {
    for (const { name } of stack.topology.upstreams) await stack.kill(name);
    const ran = await watched.cutOver("publisher1", 3);
    assert.match(ran.stderr, /natsby exit 3: preflight: upstream server0 cannot be asked/);
    for (const { name } of stack.topology.upstreams) await stack.startServer(name);
    // What the witness heard last says nothing yet: the dummy dials again once a second.
    await watched.isHealthy("publisher0");
    await watched.audit("publisher0");
  });

  await t.test("an upstream starts again meanwhile: refused or done, and run again it is done", async () => {
    for (const point of ["before:claim", "before:detach", "before:attach"]) {
      const again = async () => {
        await stack.kill("server1");
        await stack.startServer("server1");
      };
      const to = point === "before:detach" ? "publisher0" : "publisher1";
      await watched.cutOverWhile(to, point, again, [0, 3, 4, 5, 6]);
      await watched.nothingDoubled();
      await watched.cutOver(to);
      await watched.audit(to);
    }
  });

  await t.test("an older epoch: refused, nothing changed", async () => {
    const { hearing = "" } = (await watched.witness.glance())[0] ?? {};
    watched.config = { epoch: 2 };
    await watched.cutOver(hearing ?? "");
    const files = watched.roleFiles();
    const ran = await watched.cutOver("publisher2", 3, { over: { epoch: 1 } });
    assert.match(ran.stderr, /natsby exit 3: claim: this config has epoch 1, host local has seen epoch 2/);
    assert.deepEqual(watched.roleFiles(), files);
    await watched.audit(hearing ?? "");
  });
});
