// What was last put on this host, read back: a broken record counts as none and hides no other.

import assert from "node:assert/strict";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dummyPlan, publisherPlan } from "../../infra/core/plan.ts";
import type { Publisher } from "../../infra/core/topology.ts";
import { isServer, readApplied, writeApplied } from "../../infra/hosts/applied.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { temporary } from "../support/temporary.ts";
import { testTopology } from "../support/topology.ts";

test("records of servers and publishers are told apart; broken ones and strangers' files are passed over", async () => {
  using folder = temporary("data dir");
  const topology = testTopology({ dataDir: folder.path });
  const publisher = topology.publishers[0] as Publisher;
  const [server, process] = [dummyPlan(topology, publisher), publisherPlan(topology, publisher)];
  assert.deepEqual(await readApplied(localHosts(join(folder.path, "not there"))), []);
  await writeApplied(localHost(folder.path), { plan: server, natsServer: "/bin/nats-server" });
  await writeApplied(localHost(folder.path), { plan: process });
  for (const [name, text] of [
    ["broken", "{"],
    ["nothing", "null"],
    ["other", "[]"],
    ["old", '{"plan":null}'],
  ] as const) {
    mkdirSync(join(folder.path, name));
    writeFileSync(join(folder.path, name, "applied.json"), text);
  }
  writeFileSync(join(folder.path, "guard.json"), "{}");
  mkdirSync(join(folder.path, "strange/applied.json"), { recursive: true });
  const found = await readApplied(localHosts(folder.path));
  assert.deepEqual(found.map(({ plan }) => plan.name).toSorted(), ["dummy-nats0", "publisher0"]);
  assert.deepEqual(found.filter(isServer), [{ plan: server, natsServer: "/bin/nats-server" }]);
  assert.equal(statSync(join(folder.path, "dummy-nats0/applied.json")).mode & 0o777, 0o600);
});
