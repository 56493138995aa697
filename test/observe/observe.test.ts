// What a look at a running stack sees: real nats-servers and publishers, killed, frozen and fenced.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import { routesOf } from "../../infra/core/role-file.ts";
import { look, problemsOf, startLookedAt } from "../support/looking.ts";
import { until } from "../support/until.ts";

test("a healthy stack is ok: links, names, digests, metadata and publishers", async () => {
  await using stack = await startLookedAt();
  const { upstreams, dummies, strays } = await look(stack);
  assert.deepEqual(await problemsOf(stack), { verdict: "ok", codes: [], texts: "" });
  assert.deepEqual(strays, []);
  for (const server of [...upstreams, ...dummies]) {
    assert.equal(server.reachable, true);
    assert.equal(server.version, "2.15.2");
    assert.equal(server.pid, stack.processOf(server.name).pid);
    assert.match(server.digest.want ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.equal(server.digest.want, server.digest.running);
    assert.equal(server.metadata.natsby_epoch, "0");
  }
  const linked = upstreams.map(({ links }) => links?.map(({ name, entries }) => `${name} ${entries}`).sort());
  assert.deepEqual(linked, [
    ["dummy-nats0 2", "server1 2"],
    ["dummy-nats0 2", "server0 2"],
  ]);
  assert.deepEqual(
    dummies.map(({ attachedRunning, publishing, roleFile }) => [attachedRunning, publishing, roleFile?.state]),
    [
      [true, true, "attached"],
      [false, true, "detached"],
    ],
  );
});

test("killed servers are down: an upstream degrades, a standby's dummy drifts, the active one is silence", async () => {
  await using stack = await startLookedAt();
  await stack.kill("dummy-nats1");
  assert.deepEqual((await problemsOf(stack)).codes, ["dummy-down dummy-nats1"]);
  await stack.kill("server1");
  const { verdict, codes } = await problemsOf(stack);
  assert.equal(verdict, "degraded");
  assert.ok(codes.includes("upstream-down server1"), `${codes}`);
  await stack.kill("dummy-nats0");
  assert.equal((await problemsOf(stack)).verdict, "silent");
});

test("a frozen server is unknown at once, never down and never ok; its dummies' links to it still count", async () => {
  await using stack = await startLookedAt();
  stack.signal("server1", "SIGSTOP");
  const before = performance.now();
  const observation = await until("it is seen frozen", async () => {
    const seen = await look(stack);
    return seen.upstreams[1]?.reachable === null && seen;
  });
  assert.ok(performance.now() - before < 900, "nobody waited for an answer that cannot come");
  assert.equal(observation.upstreams[1]?.links, null);
  const { verdict, problems } = judge(stack.topology, observation, { deployedActive: null });
  assert.equal(verdict, "unknown");
  assert.match(problems[0]?.text ?? "", /server1: its process \(pid \d+\) is frozen/);
  assert.match(problems[0]?.hint ?? "", new RegExp(`kill -CONT ${stack.processOf("server1").pid}`));
  stack.signal("server1", "SIGCONT");
  await until("it is ok again", async () => (await problemsOf(stack)).verdict === "ok");
});

test("a frozen standby dummy is unknown", async () => {
  await using stack = await startLookedAt();
  stack.signal("dummy-nats1", "SIGSTOP");
  await until("it is seen frozen", async () => (await problemsOf(stack)).verdict === "unknown");
});

test("publishers: one that is killed, one that is up but silent", async () => {
  await using stack = await startLookedAt();
  await stack.kill("publisher1");
  assert.deepEqual((await problemsOf(stack)).codes, ["standby-silent publisher1"]);
  await stack.kill("publisher0");
  await stack.startPublisher("publisher0", 0);
  const { verdict, texts } = await problemsOf(stack);
  assert.equal(verdict, "silent");
  assert.match(texts, /publisher0 runs, and sent nothing to dummy-nats0 for 0\.5 s/);
});

test("a fenced publisher is not asked; an upstream that would still take it is said", async () => {
  await using stack = await startLookedAt();
  Object.assign(stack, { topology: { ...stack.topology, fenced: ["publisher1"] } });
  const observation = await look(stack);
  assert.equal(observation.dummies[1]?.reason, "it is fenced, so it is never contacted");
  assert.deepEqual((await problemsOf(stack)).codes, ["fence-open server0", "fence-open server1"]);
});

test("a stack that was never started, or is stopped, is one sentence", async () => {
  const stack = await startLookedAt();
  assert.equal(routesOf(stack.topology, "publisher0").length, 2);
  await stack[Symbol.asyncDispose]();
  const { verdict, codes } = await problemsOf(stack);
  assert.deepEqual({ verdict, codes }, { verdict: "silent", codes: ["stopped test"] });
});
