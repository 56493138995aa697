// A server or publisher that is started again by its own command, while others were attached meanwhile, or are started as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileOf } from "../../infra/core/layout.ts";
import { dummyPlan, publisherPlan } from "../../infra/core/plan.ts";
import { parseRoleFile, routeUrl } from "../../infra/core/role-file.ts";
import { publisherOf } from "../../infra/core/topology.ts";
import { findProcesses, stopProcess } from "../../infra/hosts/processes.ts";
import { runApply } from "../support/apply-command.ts";
import { endsWith } from "../support/bounded-run.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { temporary } from "../support/temporary.ts";
import { testPublisher, testTopology } from "../support/topology.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("the active dummy, started again", () => {
  let watched: WatchedStack;
  before(async () => {
    watched = await startWatched({ over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
    await watched.stack.kill("dummy-nats0");
  });
  after(() => watched[Symbol.asyncDispose]());

  const start = () => {
    const { topology } = watched.stack;
    return endsWith(0, runApply(["apply/server", "update"], dummyPlan(topology, publisherOf(topology, "publisher0"))));
  };
  const role = () =>
    parseRoleFile(readFileSync(fileOf(watched.stack.topology.dataDir, "dummy-nats0", "role"), "utf8")).state;

  test("is attached where nobody else is: it is heard again at once", async () => {
    await start();
    await watched.audit("publisher0");
  });

  test("is detached where another was attached by hand meanwhile: never two are heard", async () => {
    const { stack } = watched;
    await stack.kill("dummy-nats0");
    await stack.writeRole("publisher1", stack.topology.upstreams.map(routeUrl));
    stack.signal("dummy-nats1", "SIGHUP");
    await watched.witness.hears("publisher1");
    await start();
    assert.equal(role(), "detached");
    await watched.nothingDoubled();
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("is detached where an upstream does not say whether another is: unknown is not nobody", async () => {
    const { stack } = watched;
    await stack.kill("dummy-nats0");
    stack.signal("server1", "SIGSTOP");
    await start();
    stack.signal("server1", "SIGCONT");
    assert.equal(role(), "detached");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });
});

test("the active one's host reboots and nobody acts: it comes back as its files say, and is heard again without doubles", async () => {
  await using watched = await startWatched({ reference: true, over: { timeouts: quickTimeouts } });
  const { stack } = watched;
  await watched.cutOver("publisher0");
  await watched.witness.hears("publisher0");
  await watched.nothingDoubled();
  await Promise.all(["publisher0", "dummy-nats0"].map((name) => stack.kill(name)));
  const files = watched.roleFiles();
  await stack.startServer("dummy-nats0");
  await stack.startPublisher("publisher0");
  await watched.isHealthy("publisher0");
  for (const { server, heard } of await watched.audit("publisher0")) {
    assert.deepEqual(Object.keys(heard), ["publisher0"], server);
  }
  assert.deepEqual(watched.roleFiles(), files, "nothing had to be written for it");
});

test("a publisher whose command runs twice at the same moment is started once", async () => {
  using folder = temporary();
  const topology = testTopology({ dataDir: folder.path });
  const plan = { ...publisherPlan(topology, testPublisher(0)), command: ["sleep", "600"] };
  const ran = await Promise.all([0, 1, 2].map(() => endsWith(0, runApply(["apply/publisher", "update"], plan))));
  const processes = findProcesses(folder.path).get("publisher0") ?? [];
  await Promise.all(processes.map((process) => stopProcess(process, { withinMs: 5_000 })));
  assert.equal(processes.length, 1);
  assert.equal(ran.filter(({ stdout }) => stdout.includes("runs already")).length, 2);
});
