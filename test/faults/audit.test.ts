// The audit itself: real doubles, made by hand, are noticed by each kind of witness. Were it deaf, every other case would pass.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileOf } from "../../infra/core/layout.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { passwordOf, userOf } from "../../infra/core/secrets.ts";
import { publisherOf } from "../../infra/core/topology.ts";
import { connectNats } from "../../infra/observe/nats.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { until } from "../support/until.ts";
import { startStored, type WatchedStack } from "../support/watched-stack.ts";

describe("the audit notices", () => {
  let watched: WatchedStack;
  before(async () => {
    watched = await startStored({ over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });
  after(() => watched[Symbol.asyncDispose]());

  /** Every kind of witness hears something twice or late, and the audit would fail for each of them alone. */
  async function noticedByAll(): Promise<void> {
    const noticed: Record<string, number> = {};
    await until("every witness notices", async () => {
      const { doubled } = await watched.take();
      for (const [witness, count] of Object.entries(doubled)) noticed[witness] = (noticed[witness] ?? 0) + count;
      return Object.values(noticed).every((count) => count > 0);
    });
    assert.deepEqual(Object.keys(noticed), ["server0", "server1", "queue group", "client of two", "stream"]);
  }

  /** Straight through the dummy that is attached. */
  async function publish(publisher: string, seq: number): Promise<void> {
    const { clusterSecret, topology } = watched.stack;
    const { dummy } = publisherOf(topology, "publisher0");
    const password = passwordOf(clusterSecret, dummy.name, "publisher0");
    const url = `nats://${dummy.address}:${dummy.clientPort}`;
    const nats = await connectNats({
      url,
      user: userOf(clusterSecret, "publisher0"),
      password,
      name: "by hand",
      timeoutMs: 2_000,
    });
    nats.publish("test", JSON.stringify({ publisher, seq }));
    await nats.flush();
    await nats.close();
  }

  const slotNow = () => Math.floor((Date.now() * 200) / 1_000);

  test("a second dummy that was attached by hand", async () => {
    const { stack } = watched;
    await stack.writeRole("publisher1", stack.topology.upstreams.map(routeUrl));
    stack.signal("dummy-nats1", "SIGHUP");
    await assert.rejects(async () => {
      for (;;) await watched.nothingDoubled();
    });
    await noticedByAll();
    await watched.cutOver("publisher0");
    await watched.forgive();
    await watched.audit("publisher0");
  });

  test("one message that was published again", async () => {
    await publish("publisher0", slotNow() - 20);
    await noticedByAll();
    await watched.audit("publisher0");
  });

  test("one old message that came late, from another publisher", async () => {
    await publish("publisher1", slotNow() - 300);
    await noticedByAll();
    await watched.audit("publisher0");
  });

  test("a temporary file that was left", () => {
    const path = `${watched.stack.topology.dataDir}/dummy-nats1/role.conf.7.next`;
    writeFileSync(path, "");
    assert.throws(() => watched.nothingLeft(), /role\.conf\.7\.next/);
    rmSync(path);
  });

  test("a server that does not run what its files say", async () => {
    const path = fileOf(watched.stack.topology.dataDir, "dummy-nats1", "base");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, `${text}max_control_line: 8192\n`);
    await assert.rejects(watched.isHealthy("publisher0", 2_000));
    writeFileSync(path, text);
    await watched.audit("publisher0");
  });

  test("an exit code that is another one", async () => {
    await assert.rejects(watched.cutOver("publisher0", 3), /exit 0, expected 3/);
  });

  test("a second run that would change something", async () => {
    await watched.cutOver("publisher1");
    await assert.rejects(watched.changesNothing("publisher0"), /already/);
    await watched.audit("publisher0");
  });
});
