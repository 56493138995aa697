// natsby logs: one log, all logs, following, and a misspelt name.

import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { test } from "node:test";
import { fileOf } from "../../infra/core/layout.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { logs } from "../../scripts/commands/logs.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const parts = (stack: TestStack) => ({
  output: keptOutput(),
  load: async () => ({ ...stack, deployed: { deployedActive: null }, hosts: localHosts(stack.topology.dataDir) }),
});

test("one log is shown as it is, all with their names; an unknown name is refused with the nearest", async () => {
  await using stack = await startStack();
  const one = parts(stack);
  await logs({ lines: 5, follow: false }, "server0", one);
  assert.equal(one.output.stdout.split("\n").length, 6);
  assert.match(one.output.stdout, /^\[\d+\] .*\[(INF|WRN|ERR)\]/);

  const all = parts(stack);
  await logs({ lines: 2, follow: false }, undefined, all);
  assert.match(all.output.stdout, /^server0 {5}\| \[\d+\]/);
  assert.match(all.output.stdout, /^dummy-nats1 \| \[\d+\]/m);
  assert.match(all.output.stderr, /publisher0 has written nothing yet/);

  await assert.rejects(logs({ lines: 2, follow: false }, "servr1", parts(stack)), {
    name: "UserError",
    message: 'stack test has no "servr1": did you mean server1?',
    hint: "there are server0, server1, dummy-nats0, publisher0, dummy-nats1, publisher1",
  });
});

test("--follow goes on with what is written next", async () => {
  await using stack = await startStack();
  const stop = new AbortController();
  const { output, load } = parts(stack);
  const following = logs({ lines: 1, follow: true }, "server1", { output, load, stop: stop.signal });
  await until("it began", () => output.stdout !== "");
  await appendFile(fileOf(stack.topology.dataDir, "server1", "log"), "a line of the test\r\n");
  await until("it comes", () => output.stdout.endsWith("\na line of the test\n"));
  stop.abort();
  await following;
});
