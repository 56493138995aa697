// natsby verify against a real stack: subscribers at every upstream, one publisher heard, then two, then none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { routeUrl } from "../../infra/core/role-file.ts";
import type { VerifyJson } from "../../infra/core/verification.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { verify } from "../../scripts/commands/verify.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { look, startLookedAt } from "../support/looking.ts";
import type { TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

async function run(stack: TestStack): Promise<{ code: number; answer: VerifyJson; codes: readonly string[] }> {
  const output = keptOutput();
  const load = async () => ({
    ...stack,
    deployed: { deployedActive: null },
    hosts: localHosts(stack.topology.dataDir),
  });
  const secretOf = async () => stack.clusterSecret;
  const code = await verify({ json: true, seconds: 1 }, { output, load, secretOf });
  const answer = JSON.parse(output.stdout) as VerifyJson;
  return { code, answer, codes: answer.problems.map(({ code }) => code) };
}

test("one heard at every upstream; both heard is two; a dead dummy is silence; a dead upstream is not listened at", async () => {
  await using stack = await startLookedAt();
  const well = await run(stack);
  assert.deepEqual([well.code, well.codes], [0, []]);
  for (const { publishers } of well.answer.upstreams) {
    const [active, standby] = publishers ?? [];
    assert.ok((active?.heard ?? 0) > 30 && active?.doubled === 0 && active.missing === 0, JSON.stringify(active));
    assert.equal(standby?.heard, 0);
  }

  await stack.writeRole("publisher1", stack.topology.upstreams.map(routeUrl));
  stack.signal("dummy-nats1", "SIGHUP");
  await until("both are linked", async () => (await look(stack)).upstreams.every(({ links }) => links?.length === 3));
  const two = await run(stack);
  assert.equal(two.code, 2);
  assert.ok(two.codes.includes("two-heard"), `${two.codes}`);

  await stack.kill("dummy-nats1");
  await stack.kill("dummy-nats0");
  const none = await run(stack);
  assert.deepEqual([none.code, new Set(none.codes)], [2, new Set(["not-heard"])]);

  await stack.kill("server1");
  const dead = await run(stack);
  assert.ok(dead.codes.includes("not-listened"), `${dead.codes}`);
  // The kernel may take a moment to close a killed server's ports.
  assert.match(dead.answer.upstreams[1]?.reason ?? "", /^(nobody listens there|the connection was closed)$/);
});

test("subjects that overlap are heard once", async () => {
  await using stack = await startLookedAt({ over: { subjects: ["a.b", "a.*", "*.b"] } });
  const { code, answer } = await run(stack);
  assert.equal(code, 0);
  assert.equal(answer.upstreams[0]?.publishers?.[0]?.doubled, 0);
});

test("clocks that differ are measured at the dummies; one that goes back makes what is doubled unknown, never a false double", async () => {
  await using stack = await startLookedAt({ clocks: true, rate: 100 });
  stack.setClock("publisher1", -200);
  const apart = await run(stack);
  const [clock] = apart.answer.clocks;
  assert.equal(apart.code, 0, JSON.stringify(apart.answer.problems));
  assert.ok(Math.abs((clock?.behindMs ?? 0) - 200) < 60, JSON.stringify(apart.answer.clocks));
  const running = run(stack);
  await sleep(600);
  // Unlike the reference publisher, this one takes what the clock says.
  stack.setClock("publisher0", -300);
  const { code, codes, answer } = await running;
  assert.deepEqual([code, codes], [2, ["numbers-repeat"]]);
  assert.equal(answer.upstreams[0]?.publishers?.[0]?.doubled, null);
});
