// Looking for drift at the start of a program: real servers, real processes, and the resource that mends what is found.

import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { findDrift } from "../../infra/components/drift.ts";
import type { Recorded } from "../../infra/components/recorded.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { journalPath, writeJournal } from "../../infra/hosts/journal.ts";
import { begun, finished } from "../support/history.ts";
import { look, startLookedAt } from "../support/looking.ts";
import { testTopology } from "../support/topology.ts";
import { until } from "../support/until.ts";

const stack = await startLookedAt();
after(() => stack[Symbol.asyncDispose]());
const { topology } = stack;
const { dataDir } = topology;
const recorded: Recorded = {
  activePublisher: "publisher0",
  epoch: 0,
  lastCutover: null,
  resources: [
    ...["server0-server", "server1-server", "dummy-nats0-server", "dummy-nats1-server"],
    ...["publisher0-process", "publisher1-process"],
  ],
};
const drift = async (over = {}, record = recorded): Promise<Record<string, string>> =>
  Object.fromEntries(await findDrift({ ...topology, ...over }, record));
const resources = async (over = {}, record = recorded): Promise<readonly string[]> =>
  Object.keys(await drift(over, record)).toSorted();
/** Everybody publishes again: what a test left behind must not be the next one's. */
const healthy = () => until("nothing differs", async () => (await resources()).length === 0, 10_000);

test("before the first good run there is nothing to compare with, and nobody looks", async () => {
  assert.deepEqual(await findDrift(testTopology({ dataDir: "/nowhere" }), null), new Map());
});

test("after a first run that failed half-way, what it had started is looked at all the same", async () => {
  await healthy();
  assert.deepEqual(await findDrift(topology, null), new Map());
  await stack.kill("server1");
  assert.equal((await findDrift(topology, null)).get("server1-server"), "no process of server1");
  await stack.startServer("server1");
  await healthy();
});

test("a healthy stack has none, also where the config now wants another publisher or another config", async () => {
  await healthy();
  assert.deepEqual(await resources({ activePublisher: "publisher1" }), []);
  assert.deepEqual(await resources({ settle: 99 }), []);
});

test("a publisher that was killed is its process's to mend", async () => {
  await stack.kill("publisher1");
  assert.deepEqual(await drift(), { "publisher1-process": "no process of publisher1" });
  await stack.startPublisher("publisher1");
  await healthy();
});

test("a publisher that is frozen too", async () => {
  const { pid } = stack.processOf("publisher1");
  stack.signal("publisher1", "SIGSTOP");
  await until("it is frozen", () => stack.processOf("publisher1").frozen);
  assert.deepEqual(await drift(), { "publisher1-process": `the process of publisher1 (pid ${pid}) frozen` });
  stack.signal("publisher1", "SIGCONT");
  await healthy();
});

test("a role file edited by hand is the cutover's to mend, not the server's", async () => {
  await stack.writeRole("publisher1", topology.upstreams.map(routeUrl));
  assert.deepEqual(await resources(), ["cutover-run"]);
  await stack.writeRole("publisher1");
  await healthy();
});

test("a dummy that was killed is the server's to mend", async () => {
  await stack.kill("dummy-nats1");
  assert.deepEqual(await resources(), ["dummy-nats1-server"]);
  await stack.startServer("dummy-nats1");
  await healthy();
});

test("a base config edited by hand is the server's to mend", async () => {
  const path = fileOf(dataDir, "server1", "base");
  const text = await readFile(path, "utf8");
  await appendFile(path, "# mine\n");
  assert.deepEqual(await resources(), ["server1-server"]);
  await writeFile(path, text);
  await healthy();
});

test("a cutover that never ended is the cutover's to mend", async () => {
  await writeJournal(localHosts(dataDir), finished(1, { to: "publisher0" }));
  await writeJournal(localHosts(dataDir), begun(2));
  assert.deepEqual(await resources(), ["cutover-run"]);
  await writeFile(journalPath(dataDir), "");
});

test("a resource that the stack did not record gets no reason", async () => {
  await stack.kill("publisher1");
  const others = recorded.resources.filter((name) => name !== "publisher1-process");
  assert.deepEqual(await resources({}, { ...recorded, resources: others }), []);
  await stack.startPublisher("publisher1");
  await healthy();
});

test("a config that is older than what was deployed is refused", async () => {
  await assert.rejects(findDrift(topology, { ...recorded, epoch: 1 }), { name: "UserError", code: "stale-epoch" });
});

test("an upstream that does not answer wakes its own resource and the cutover: unknown is never ok", async () => {
  stack.signal("server1", "SIGSTOP");
  await until("it is not known", async () => (await look(stack)).upstreams[1]?.reachable === null);
  assert.deepEqual(await resources(), ["cutover-run", "server1-server"]);
  stack.signal("server1", "SIGCONT");
});
