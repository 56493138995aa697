// The files of a server: tested as a whole before any is put in place, lists that only grow before a cutover, a role that is kept.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileNames } from "../../infra/core/layout.ts";
import { dummyPlan, type ServerPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { renderRoleFile } from "../../infra/core/role-file.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { placeServerFiles } from "../../scripts/apply/server-files.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { temporary } from "../support/temporary.ts";
import { testTopology } from "../support/topology.ts";

const clusterSecret = "a secret of tests, long enough to be one";
const natsServer = natsServerPath();
const dummyOf = (topology: Topology): ServerPlan => dummyPlan(topology, topology.publishers[0] ?? assert.fail());
const place = (plan: ServerPlan, over: Partial<Parameters<typeof placeServerFiles>[3]> = {}) =>
  placeServerFiles(localHost(plan.dataDir), plan, clusterSecret, {
    lists: "grow",
    resetRole: false,
    natsServer,
    ...over,
  });

/** A folder, the plan of a dummy in it, and its files as they stand. */
function dummyIn(dataDir: string, over: Partial<Topology> = {}) {
  const plan = dummyOf(testTopology({ dataDir, ...over }));
  const path = (file: keyof typeof fileNames) => join(dataDir, plan.name, fileNames[file]);
  const read = (file: keyof typeof fileNames) => readFileSync(path(file), "utf8");
  const all = () =>
    readdirSync(join(dataDir, plan.name)).map((name) => [name, readFileSync(join(dataDir, plan.name, name), "utf8")]);
  return { plan, path, read, all };
}

const detached = renderRoleFile({ dummy: "dummy-nats0", routes: [], epoch: 0 });
const attached = renderRoleFile({ dummy: "dummy-nats0", routes: ["nats-route://127.0.0.1:4223"], epoch: 0, ticket: 3 });

test("all files are private; placed again nothing changes, and the digest is the same", async () => {
  using folder = temporary("data dir");
  const { plan, all } = dummyIn(folder.path);
  const first = await place(plan);
  assert.equal(first.changed, true);
  const before = all();
  assert.deepEqual(await place(plan), { changed: false, digest: first.digest });
  assert.deepEqual(all(), before);
  const names = ["applied.json", "ca.pem", "cert.pem", "key.pem", "keys.conf", "lists.conf", "nats.conf", "role.conf"];
  assert.deepEqual(before.map(([name]) => name).toSorted(), names);
  for (const name of names) assert.equal(statSync(join(folder.path, plan.name, name)).mode & 0o777, 0o600, name);
  assert.deepEqual(readdirSync(folder.path), [plan.name]);
});

test("a new dummy is detached; one that is there keeps its role, unless it is to be reset", async () => {
  using folder = temporary();
  const { plan, path, read } = dummyIn(folder.path);
  await place(plan);
  assert.equal(read("role"), detached);
  writeFileSync(path("role"), attached);
  await place(plan);
  assert.equal(read("role"), attached);
  await place(plan, { resetRole: true });
  assert.equal(read("role"), detached);
});

test("a new upstream lets in the upstreams and no dummy, never anybody and never nobody", async () => {
  using folder = temporary();
  const topology = testTopology({ dataDir: folder.path });
  await place(upstreamPlan(topology, topology.upstreams[0] ?? assert.fail()));
  const pins = readFileSync(join(folder.path, "server0/pins.conf"), "utf8");
  assert.deepEqual(pins.match(/# server.*$/gm), ["# server0", "# server1"]);
});

test("a list only grows before a cutover, and is exactly as planned after it", async () => {
  using folder = temporary();
  const { plan, read } = dummyIn(folder.path, { subjects: ["a", "b"] });
  await place(plan);
  const shrunk = dummyIn(folder.path, { subjects: ["c", "b"] }).plan;
  await place(shrunk);
  assert.equal(read("lists"), 'natsby_subjects: [\n  "c"\n  "b"\n  "a"\n]\n');
  await place(shrunk, { lists: "exact" });
  assert.equal(read("lists"), 'natsby_subjects: [\n  "c"\n  "b"\n]\n');
});

test("what nats-server refuses is an error in its words, and not one file has changed", async () => {
  using folder = temporary();
  const { plan, all } = dummyIn(folder.path);
  await place(plan);
  const before = all();
  const broken = { ...plan, base: `${plan.base}no_such_key: 1\n`, list: { ...plan.list, values: ["other"] } };
  await assert.rejects(place(broken), {
    name: "UserError",
    code: "config-refused",
    exitCode: 3,
    message: /nats-server refuses .*no_such_key/,
    hint: "nothing was changed: the old config runs on",
  });
  assert.deepEqual(all(), before);
  assert.deepEqual(readdirSync(folder.path), [plan.name]);
});

test("files that were broken or lost are put back, whatever a killed run left behind", async () => {
  using folder = temporary();
  const { plan, path, all } = dummyIn(folder.path);
  await place(plan);
  const before = all();
  writeFileSync(path("base"), "nonsense {");
  writeFileSync(path("lists"), "\0\0\0");
  rmSync(path("key"));
  mkdirSync(`${join(folder.path, plan.name)}.next`);
  writeFileSync(`${path("lists")}.next`, "half");
  await place(plan);
  assert.deepEqual(all(), before);
});
