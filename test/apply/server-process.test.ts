// The process of a server: started once it answers, and not given up while its program is still being loaded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dummyPlan } from "../../infra/core/plan.ts";
import { publisherOf } from "../../infra/core/topology.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { runApply } from "../support/apply-command.ts";
import { endsWith } from "../support/bounded-run.ts";
import { startStack } from "../support/stack.ts";
import { script, temporary } from "../support/temporary.ts";

test("a server that is found by its mark only later, as while its program is loaded, is waited for", async () => {
  await using stack = await startStack();
  using folder = temporary();
  await stack.kill("dummy-nats1");
  const slow = script(
    `${folder.path}/nats-server`,
    `[ "$1" = -c ] && [ $# -eq 2 ] || exec "${natsServerPath()}" "$@"`,
    `mark=$NATSBY_PROCESS; exec env -u NATSBY_PROCESS sh -c 'sleep 0.4; NATSBY_PROCESS=$0 exec "$@"' "$mark" "${natsServerPath()}" "$@"`,
  );
  const plan = dummyPlan(stack.topology, publisherOf(stack.topology, "publisher1"));
  const ran = await endsWith(0, runApply(["apply/server", "update"], plan, { NATSBY_NATS_SERVER: slow }));
  assert.match(ran.stdout, /started \(pid \d+\)/);
});

test("one that ends at once is told so at once, not after the whole bound", async () => {
  await using stack = await startStack();
  using folder = temporary();
  await stack.kill("dummy-nats1");
  const ends = script(
    `${folder.path}/nats-server`,
    `[ "$1" = -c ] && [ $# -eq 2 ] && exit 1; exec "${natsServerPath()}" "$@"`,
  );
  const plan = dummyPlan(stack.topology, publisherOf(stack.topology, "publisher1"));
  const ran = await endsWith(3, runApply(["apply/server", "update"], plan, { NATSBY_NATS_SERVER: ends }));
  assert.match(ran.stderr, /dummy-nats1 does not run sha256:\w+: /);
  assert.ok(ran.ms < 5_000, `${ran.ms} ms`);
});
