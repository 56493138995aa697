// natsby status against a real stack: what it prints, and what it ends with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { status } from "../../scripts/commands/status.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { startLookedAt } from "../support/looking.ts";
import type { TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

async function run(stack: TestStack, json: boolean) {
  const output = keptOutput();
  const deployed = { deployedActive: null };
  const load = async () => ({
    topology: stack.topology,
    deployed,
    hosts: localHosts(stack.topology.dataDir),
    natsServer: stack.natsServer,
  });
  const code = await status({ json, credentials: false }, output, load);
  return { code, ...output };
}

test("it ends with 0 for ok and with 2 for anything else; --json is one JSON document", async () => {
  await using stack = await startLookedAt();
  const well = await run(stack, true);
  assert.equal(well.code, 0);
  assert.equal(JSON.parse(well.stdout).verdict, "ok");
  assert.equal(well.stderr, "");
  assert.match((await run(stack, false)).stdout, /^OK {2}stack test: publisher0 is heard at every upstream\n/);

  stack.signal("server1", "SIGSTOP");
  const frozen = await until("it is unknown", async () => {
    const found = await run(stack, true);
    return JSON.parse(found.stdout).verdict === "unknown" && found;
  });
  assert.equal(frozen.code, 2);
  assert.match((await run(stack, false)).stdout, /UNKNOWN[\s\S]*server1 +\? /);
});
